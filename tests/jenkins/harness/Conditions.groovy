// SPDX-License-Identifier: Apache-2.0
package harness

/** `when { … }`: each condition a closure that says whether the stage is run. */
class Conditions {
  private static final List<String> WORDS = ['allOf', 'anyOf', 'not', 'expression', 'environment', 'branch',
                                             'changeRequest', 'buildingTag', 'triggeredBy', 'beforeAgent']
  private final Build build
  boolean beforeAgent

  Conditions(Build build) { this.build = build }

  List<Closure> read(Closure body, Closure collect) {
    List<Closure> found = []
    collect('when', body, WORDS) { word, List given ->
      if (word == 'beforeAgent') beforeAgent = given[0]
      else found << condition(word as String, given, collect)
    }
    if (!found) throw new PipelineError('when is empty')
    return found
  }

  private Closure condition(String word, List given, Closure collect) {
    switch (word) {
      case 'allOf':
        List all = read(given[0] as Closure, collect)
        return { all.every { it() } }
      case 'anyOf':
        List any = read(given[0] as Closure, collect)
        return { any.any { it() } }
      case 'not':
        List none = read(given[0] as Closure, collect)
        return { !none.every { it() } }
      case 'expression':
        Closure body = PipelineReader.ofScript(given[0] as Closure)
        return { body.call() as boolean }
      case 'environment':
        Map wanted = given[0] as Map
        return { build.context.variables[wanted.name] == wanted.value }
      case 'branch': return { build.context.variables.BRANCH_NAME == given[0] }
      case 'changeRequest': return { build.context.variables.CHANGE_ID != null }
      case 'buildingTag': return { build.context.variables.TAG_NAME != null }
      case 'triggeredBy': return { given[0] in build.causes }
    }
  }
}
