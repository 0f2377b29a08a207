// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression

/** For constructors, in which a rewritten method cannot be called. */
class ConstructorRules extends CpsRules {
  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    report(call, "${call.methodAsString} is called in a constructor")
  }
}
