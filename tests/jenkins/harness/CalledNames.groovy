// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.control.CompilePhase

/** The names that a Groovy file calls and does not have itself: steps, words of Declarative, methods of Job DSL. */
class CalledNames extends CodeVisitorSupport {
  private final Set<String> called = []
  private final Set<String> own = []

  static Set<String> of(String source) {
    CalledNames names = new CalledNames()
    String plain = source.replaceAll(/(?m)^@Library\(.*\)\s*_\s*$/, '')
    if (plain != source) names.called << 'Library'
    List<ASTNode> nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, plain)
    nodes.each { it instanceof ClassNode ? names.visitClass(it) : it.visit(names) }
    return names.called - names.own
  }

  private void visitClass(ClassNode type) {
    (type.methods + type.declaredConstructors).each { method ->
      if (method.name == 'main') return  // the compiler's own
      own << method.name
      own.addAll(method.parameters*.name)
      method.code?.visit(this)
    }
  }

  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    if (call.implicitThis || call.objectExpression.text == 'steps') called << call.methodAsString
    super.visitMethodCallExpression(call)
  }

  @Override
  void visitClosureExpression(ClosureExpression closure) {
    own.addAll((closure.parameters ?: [])*.name)
    super.visitClosureExpression(closure)
  }

  @Override
  void visitDeclarationExpression(DeclarationExpression declaration) {
    if (declaration.leftExpression instanceof VariableExpression) own << declaration.variableExpression.name
    super.visitDeclarationExpression(declaration)
  }
}
