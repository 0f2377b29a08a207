// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.VariableExpression

/** Calls back for every variable that is named. */
class VariablesOf extends CodeVisitorSupport {
  private final Closure each

  VariablesOf(Closure each) { this.each = each }

  @Override
  void visitVariableExpression(VariableExpression expression) { each(expression) }
}
