// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.expr.MethodCallExpression

/** For @NonCPS methods: the engine cannot stop in them, so neither steps nor rewritten methods may be called. */
class PureRules extends CpsRules {
  private final Set<String> steps
  private final Set<String> rewritten

  PureRules(Set<String> steps, Set<String> rewritten) {
    this.steps = steps
    this.rewritten = rewritten
  }

  @Override
  void visitMethodCallExpression(MethodCallExpression call) {
    String name = call.methodAsString
    boolean ofSteps = call.objectExpression.text == 'steps'
    if ((call.implicitThis || ofSteps) && name in steps) report(call, "the step ${name} in a @NonCPS method")
    if (call.implicitThis && name in rewritten) report(call, "${name} is not @NonCPS, but called from a method that is")
    super.visitMethodCallExpression(call)
  }
}
