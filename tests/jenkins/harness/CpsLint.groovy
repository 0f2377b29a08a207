// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.MethodNode
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.control.CompilePhase

/**
 * Finds what compiles and runs in plain Groovy and goes wrong on a controller, whose engine rewrites all code but
 * @NonCPS methods, keeps local variables on disk between steps, and runs closures given to Groovy's methods wrongly.
 */
class CpsLint {
  static final Set<String> CLOSURE_TAKERS = [
      'each', 'eachWithIndex', 'collect', 'collectEntries', 'collectMany', 'find', 'findAll', 'any', 'every', 'inject',
      'sort', 'toSorted', 'unique', 'groupBy', 'countBy', 'max', 'min', 'sum', 'times', 'removeAll', 'withIndex',
      'replaceAll', 'eachLine', 'split', 'partition', 'findResult', 'findResults', 'takeWhile', 'dropWhile'] as Set
  static final Set<String> UNSTORABLE = ['JsonSlurper', 'Matcher', 'XmlSlurper', 'XmlParser'] as Set
  static final Set<String> ON_CONTROLLER = ['File', 'URL', 'Socket', 'ProcessBuilder', 'Thread'] as Set

  /** Findings of one file, as `line: what`. */
  static List<String> check(String source, Set<String> steps = StepTable.NAMES) {
    List<String> found = []
    List nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, withoutLibrary(source))
    nodes.findAll { it instanceof ClassNode }.each { ClassNode type ->
      boolean script = type.isScript() || type.superClass?.nameWithoutPackage == 'Script'
      if (!script && !type.interfaces*.nameWithoutPackage.contains('Serializable') && !type.isInterface()) {
        found << "${type.lineNumber}: class ${type.nameWithoutPackage} is not Serializable"
      }
      Set<String> pure = type.methods.findAll { isPure(it) }*.name as Set
      Set<String> rewritten = type.methods.findAll { !isPure(it) && it.lineNumber > 0 }*.name as Set
      (type.methods + type.declaredConstructors).findAll { it.code }.each { MethodNode method ->
        CpsRules rules = isPure(method) ? new PureRules(steps, rewritten - pure) : new RewrittenRules()
        if (method.name == '<init>') rules = new ConstructorRules()
        method.code.visit(rules)
        found.addAll(rules.found)
      }
    }
    return found.unique().sort()
  }

  private static boolean isPure(MethodNode method) {
    method.annotations.any { it.classNode.nameWithoutPackage == 'NonCPS' }
  }

  // The annotation of a library stands before a name that means nothing.
  private static String withoutLibrary(String source) { source.replaceAll(/(?m)^@Library\(.*\)\s*_\s*$/, '') }
}
