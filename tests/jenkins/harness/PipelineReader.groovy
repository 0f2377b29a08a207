// SPDX-License-Identifier: Apache-2.0
package harness

/**
 * Reads `pipeline { … }` into a map, without running a step. What is not known, or stands in the wrong place, is an
 * error: a controller refuses the whole file for it.
 */
class PipelineReader {
  private final Build build

  PipelineReader(Build build) { this.build = build }

  Map read(Closure body) {
    Map pipeline = block('pipeline', body, [
        agent: this.&agent, environment: this.&environment, options: this.&options, parameters: this.&parameters,
        triggers: this.&triggers, stages: { [stages: stages('stages', it)] }, post: this.&post])
    if (!pipeline.containsKey('agent')) throw new PipelineError('pipeline: no agent')
    if (!pipeline.stages) throw new PipelineError('pipeline: no stages')
    return [environment: { [:] }, options: [], parameters: [], triggers: [], post: [:]] + pipeline
  }

  /** The sections of a block, each at most once, read by its reader. */
  private Map block(String name, Closure body, Map<String, Closure> readers) {
    Map found = [:]
    Set seen = []
    collect(name, body, readers.keySet()) { section, List given ->
      if (!seen.add(section)) throw new PipelineError("${name}: ${section} is there twice")
      Object read = readers[section](given.size() == 1 ? given[0] : given)
      found.putAll(read as Map)
    }
    if (!seen) throw new PipelineError("${name} is empty")
    return found
  }

  /** Calls `each` for every `word arguments…` of the body. */
  private void collect(String name, Closure body, Collection<String> words, Closure each) {
    Closure copy = body.clone() as Closure
    copy.delegate = new Collector(name, words, build, each)
    copy.resolveStrategy = Closure.DELEGATE_ONLY
    copy.call()
  }

  private Map agent(Object given) {
    if (given == 'any') return [agent: [label: '']]
    if (given == 'none') return [agent: [none: true]]
    if (!(given instanceof Closure)) throw new PipelineError("agent: '${given}' is neither any nor none nor a block")
    String label = null
    collect('agent', given as Closure, ['label']) { word, List arguments -> label = arguments[0] }
    if (!label) throw new PipelineError('agent: no label')
    return [agent: [label: label]]
  }

  private Map environment(Closure body) {
    if (!Assignments.of(build, body)) throw new PipelineError('environment is empty')
    return [environment: { Assignments.of(build, body) }]
  }

  private Map options(Closure body) { readOptions(body, PipelineWords.OPTIONS) }

  private Map stageOptions(Closure body) { readOptions(body, PipelineWords.STAGE_OPTIONS) }

  private Map readOptions(Closure body, Map known) {
    List found = []
    boolean skips = false
    collect('options', body, known.keySet() + PipelineWords.OPTION_VALUES.keySet()) { word, List given ->
      Map value = PipelineWords.OPTION_VALUES[word]
      if (value) return PipelineWords.check(word, given, value)
      Map arguments = PipelineWords.check(word, given, known[word])
      if (word == 'skipDefaultCheckout') skips = true
      found << [name: word, arguments: arguments, wraps: word in ['timeout', 'retry', 'lock']]
    }
    if (!found) throw new PipelineError('options is empty')
    return [options: found, skipsCheckout: skips]
  }

  private Map parameters(Closure body) {
    List found = []
    collect('parameters', body, PipelineWords.PARAMETERS.keySet()) { word, List given ->
      Map p = PipelineWords.check(word, given, PipelineWords.PARAMETERS[word])
      if (word == 'choice' && !p.choices) throw new PipelineError("parameters: ${p.name} has no choices")
      found << [kind: word, name: p.name, value: word == 'choice' ? p.choices[0] : p.defaultValue]
    }
    if (!found) throw new PipelineError('parameters is empty')
    return [parameters: found]
  }

  private Map triggers(Closure body) {
    List found = []
    collect('triggers', body, PipelineWords.TRIGGERS.keySet()) { word, List given ->
      Map arguments = PipelineWords.check(word, given, PipelineWords.TRIGGERS[word])
      if (word == 'cron') Cron.check(arguments.spec.toString())
      found << ([kind: word] + arguments)
    }
    if (!found) throw new PipelineError('triggers is empty')
    return [triggers: found]
  }

  private List stages(String name, Closure body) {
    List found = []
    collect(name, body, ['stage']) { word, List given -> found << stage(given) }
    if (!found) throw new PipelineError("${name} is empty")
    if (found*.name.toSet().size() != found.size()) throw new PipelineError("${name}: two stages of one name")
    return found
  }

  private Map stage(List given) {
    if (given.size() != 2 || !(given[0] instanceof CharSequence) || !(given[1] instanceof Closure)) {
      throw new PipelineError("stage: a name and a block, not ${given}")
    }
    String name = given[0]
    Map stage = block("stage '${name}'", given[1] as Closure, [
        agent: this.&agent, environment: this.&environment, options: this.&stageOptions, when: this.&when,
        post: this.&post, failFast: { [failFast: it] }, steps: { [steps: steps("stage '${name}': steps", it)] },
        stages: { [stages: stages("stage '${name}': stages", it)] },
        parallel: { [parallel: stages("stage '${name}': parallel", it)] }])
    if (stage.keySet().intersect(['steps', 'stages', 'parallel'] as Set).size() != 1) {
      throw new PipelineError("stage '${name}' has to have one of steps, stages and parallel")
    }
    return [name: name, environment: { [:] }, options: [], when: [], post: [:], stages: []] + stage
  }

  private Closure steps(String name, Object body) {
    if (!(body instanceof Closure)) throw new PipelineError("${name}: no block")
    return ofScript(body as Closure)
  }

  /** The block as code of the script itself, not of the section that it stands in. */
  static Closure ofScript(Closure body) { body.rehydrate(body.thisObject, body.thisObject, body.thisObject) }

  private Map post(Closure body) {
    Map found = [:]
    collect('post', body, Declarative.postConditions) { word, List given ->
      found[word] = steps("post: ${word}", given[0])
    }
    if (!found) throw new PipelineError('post is empty')
    return [post: found]
  }

  private Map when(Closure body) {
    Conditions conditions = new Conditions(build)
    List found = conditions.read(body) { text, inner, words, each -> collect(text, inner, words, each) }
    return [when: found, beforeAgent: conditions.beforeAgent]
  }
}
