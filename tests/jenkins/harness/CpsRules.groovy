// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.CodeVisitorSupport

/** Rules of one kind of method. */
abstract class CpsRules extends CodeVisitorSupport {
  final List<String> found = []

  protected void report(ASTNode node, String what) { found << "${node.lineNumber}: ${what}".toString() }
}
