// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ClosureListExpression
import org.codehaus.groovy.ast.expr.ConstructorCallExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.ForStatement

/** For code that the engine rewrites. */
class RewrittenRules extends CpsRules {
  private final List<Set<String>> loops = []

  @Override
  void visitBinaryExpression(BinaryExpression expression) {
    if (expression.operation.text == '=~') {
      report(expression, 'a Matcher cannot be stored: use ==~, or a @NonCPS method')
    }
    super.visitBinaryExpression(expression)
  }

  @Override
  void visitConstructorCallExpression(ConstructorCallExpression call) {
    String type = call.type.nameWithoutPackage
    if (type in CpsLint.UNSTORABLE) report(call, "a ${type} cannot be stored: use readJSON, or a @NonCPS method")
    if (type in CpsLint.ON_CONTROLLER) report(call, "new ${type} works on the controller, not on the node")
    super.visitConstructorCallExpression(call)
  }

  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    String name = call.methodAsString
    boolean closure = call.arguments instanceof ArgumentListExpression &&
        call.arguments.expressions.any { it instanceof ClosureExpression }
    if (!call.implicitThis && name in CpsLint.CLOSURE_TAKERS && closure) {
      report(call, "${name} with a closure: write a for-in loop, or a @NonCPS method")
    }
    if (!call.implicitThis && name in ['sort', 'toSorted', 'unique'] && !closure && call.arguments.expressions) {
      report(call, "${name} with a comparison: use a @NonCPS method")
    }
    if (call.implicitThis && name in ['println', 'print']) report(call, "${name}: the step is called echo")
    super.visitMethodCallExpression(call)
  }

  @Override
  void visitForLoop(ForStatement loop) {
    loops << variablesOf(loop)
    super.visitForLoop(loop)
    loops.pop()
  }

  private static Set<String> variablesOf(ForStatement loop) {
    if (!(loop.collectionExpression instanceof ClosureListExpression)) return [loop.variable.name] as Set
    List declared = loop.collectionExpression.expressions.findAll { it instanceof DeclarationExpression }
    return declared*.variableExpression*.name as Set
  }

  @Override
  void visitClosureExpression(ClosureExpression closure) {
    Set<String> own = closure.parameters*.name as Set
    Set<String> variables = loops.flatten() as Set
    closure.code.visit(new VariablesOf({ VariableExpression used ->
      if (used.name in variables && !(used.name in own)) {
        report(used, "the closure sees the last '${used.name}' of the loop: copy it to a variable of its own")
      }
    }))
    super.visitClosureExpression(closure)
  }
}
