// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.CompilePhase

/** In `steps` and `post` of a declarative pipeline stand steps and nothing else; other code needs `script`. */
class DeclarativeLint extends CodeVisitorSupport {
  private static final Set<String> HOLDERS = (['steps'] + Declarative.postConditions) as Set

  final List<String> found = []

  static List<String> check(String source) {
    DeclarativeLint lint = new DeclarativeLint()
    String plain = source.replaceAll(/(?m)^@Library\(.*\)\s*_\s*$/, '')
    List nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, plain)
    nodes.findAll { it instanceof BlockStatement }.each { it.visit(lint) }
    return lint.found
  }

  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    ClosureExpression body = bodyOf(call)
    if (call.implicitThis && call.methodAsString in HOLDERS && body) stepsOnly(body)
    super.visitMethodCallExpression(call)
  }

  private void stepsOnly(ClosureExpression body) {
    List<Statement> statements = body.code instanceof BlockStatement ? body.code.statements : [body.code]
    if (!statements) found << "${body.lineNumber}: no steps".toString()
    statements.each { Statement statement ->
      def call = statement instanceof ExpressionStatement ? statement.expression : null
      if (!(call instanceof MethodCallExpression) || !call.implicitThis) {
        found << "${statement.lineNumber}: not a step; put it into script { }".toString()
      } else if (call.methodAsString != 'script' && bodyOf(call)) {
        stepsOnly(bodyOf(call))
      }
    }
  }

  private static ClosureExpression bodyOf(MethodCallExpression call) {
    List arguments = call.arguments instanceof TupleExpression ? call.arguments.expressions : []
    return arguments && arguments[-1] instanceof ClosureExpression ? arguments[-1] : null
  }
}
