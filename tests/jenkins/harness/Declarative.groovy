// SPDX-License-Identifier: Apache-2.0
package harness

/** Runs `pipeline { … }`: first the whole is read and checked, as a controller does, then it is run. */
class Declarative {
  // In the order in which a controller runs them.
  private static final Map<String, Closure> POST = [
      always: { String now, String before -> true },
      changed: { now, before -> before != null && now != before },
      fixed: { now, before -> now == 'SUCCESS' && before in ['FAILURE', 'UNSTABLE'] },
      regression: { now, before -> before == 'SUCCESS' && now in ['FAILURE', 'UNSTABLE', 'ABORTED'] },
      aborted: { now, before -> now == 'ABORTED' },
      failure: { now, before -> now == 'FAILURE' },
      success: { now, before -> now == 'SUCCESS' },
      unstable: { now, before -> now == 'UNSTABLE' },
      unsuccessful: { now, before -> now != 'SUCCESS' },
      cleanup: { now, before -> true },
  ]

  private final Build build

  Declarative(Build build) { this.build = build }

  static List<String> getPostConditions() { POST.keySet() as List }

  Object run(Closure body) {
    Map model = new PipelineReader(build).read(body)
    build.controller.declare(build.job, model)
    // Not in the environment: a controller puts there what a build was started with, which in a job's first build is
    // nothing of this.
    build.defaults = model.parameters.collectEntries { Map p -> [p.name, p.value] }
    build.declared = model
    around(model) { model.stages.each { runStage(it) } }
    return null
  }

  private void runStage(Map stage) {
    build.say("stage ${stage.name}")
    Map variables = build.context.variables + [STAGE_NAME: stage.name]
    build.within(build.context.child(stage: stage.name, variables: variables)) {
      // Without beforeAgent, a stage that is skipped takes a node all the same.
      if (stage.beforeAgent && !isWanted(stage)) return
      around(stage, { stage.beforeAgent || isWanted(stage) }) {
        build.record(step: 'stage', name: stage.name)
        if (stage.steps) stage.steps.call()
        stage.stages.each { runStage(it) }
        if (stage.parallel) runParallel(stage)
      }
    }
  }

  private boolean isWanted(Map stage) {
    boolean wanted = stage.when.every { it() }
    if (!wanted) build.record(step: 'skipped', name: stage.name)
    return wanted
  }

  private void runParallel(Map stage) {
    Map branches = stage.parallel.collectEntries { Map inner -> [inner.name, { runStage(inner) }] }
    if (stage.failFast) branches.failFast = true
    build.invoke('parallel', [branches] as Object[])
  }

  /** From the outside in: options, agent, `when`, environment, `post`. */
  private void around(Map block, Closure when = { true }, Closure work) {
    Closure all = {
      if (!when()) return
      Map more = block.environment.call()
      build.within(build.context.child(variables: build.context.variables + more)) { withPost(block.post, work) }
    }
    if (block.agent && !block.agent.none) {
      Closure inner = all
      all = {
        build.invoke('node', [block.agent.label ?: '', {
          if (build.controller.scm && !build.declared.skipsCheckout) build.invoke('checkout', ['scm'] as Object[])
          inner()
        }] as Object[])
      }
    }
    block.options.findAll { it.wraps }.reverse().each { Map option ->
      Closure inner = all
      all = { build.invoke(option.name, [option.arguments, inner] as Object[]) }
    }
    all()
  }

  /** `post` also runs when the work failed; the failure goes on afterwards. */
  private void withPost(Map post, Closure work) {
    Throwable failure = null
    try {
      work()
    } catch (PipelineError wrong) {
      throw wrong
    } catch (Throwable thrown) {
      failure = thrown
      build.worsen(thrown instanceof FlowInterruptedException ? 'ABORTED' : 'FAILURE')
      build.say("${thrown.message}")
    }
    String before = build.number > 1 ? build.controller.builds[build.job][build.number - 2].result : null
    POST.each { condition, applies ->
      if (post[condition] && applies(build.result, before)) {
        build.record(step: 'post', condition: condition)
        post[condition].call()
      }
    }
    if (failure) throw failure
  }
}
