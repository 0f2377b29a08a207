// SPDX-License-Identifier: Apache-2.0
package harness

import groovy.json.JsonSlurperClassic

/** What the steps of StepTable do. */
class Steps {
  private static final Set<String> UNITS = ['SECONDS', 'MINUTES', 'HOURS', 'DAYS']
  private static final Map CONDITIONS = [agent: 'agent', nonresumable: 'nonresumable']

  private final Build build
  private final Files files

  Steps(Build build) {
    this.build = build
    this.files = new Files(build)
  }

  boolean knows(String name) { name == 'pipeline' || StepTable.has(name) }

  Object call(String name, List given) {
    if (name == 'pipeline') return new Declarative(build).run(given[0] as Closure)
    if (name == 'parallel') return parallel(given)
    Closure body = given && given[-1] instanceof Closure ? given[-1] as Closure : null
    Map arguments = StepTable.check(name, body ? given[0..<-1] : given, body != null)
    if (!CONDITIONS.containsKey(name) && !(name in ['string', 'file', 'usernamePassword'])) build.throwPending()
    if (StepTable.needsNode(name)) checkNode(name)
    return body ? this."$name"(arguments, body) : this."$name"(arguments)
  }

  private void checkNode(String name) {
    if (!build.context.node) {
      throw new PipelineError("${name} needs a node: Required context class hudson.FilePath is missing")
    }
    if (!build.context.node.online) throw new AgentOfflineException(build.context.node.name)
  }

  // ---- log and result

  private void echo(Map a) { build.say("${a.message}") }

  private void error(Map a) { throw new AbortException("${a.message}") }

  private void unstable(Map a) {
    build.say("WARNING: ${a.message}")
    build.worsen('UNSTABLE')
    build.record(step: 'unstable', message: "${a.message}".toString())
  }

  private void mail(Map a) { build.record([step: 'mail'] + a.collectEntries { k, v -> [k, v.toString()] }) }

  private Map build(Map a) {
    build.record(step: 'build', job: a.job, parameters: a.parameters ?: [])
    return [result: 'SUCCESS', number: 1, absoluteUrl: "http://jenkins.test/job/${a.job}/1/"]
  }

  // ---- processes

  private Object sh(Map a) {
    if (a.returnStatus && a.returnStdout) throw new PipelineError('sh: returnStatus or returnStdout, not both')
    Context here = build.context
    Strand strand = build.strand
    String script = a.script
    File control = new File(here.workspace.path + "@tmp/durable-${UUID.randomUUID()}")
    Shell shell = new Shell(script, here.folder, control, here.variables)
    strand.shell = shell
    build.record(step: 'sh', script: script, label: a.label)
    Closure hook = build.controller.onShell
    Thread.start { hook(build, shell, here.node, script) }
    if (strand.pending) Thread.start { shell.stop() }
    int code = build.baton.released { shell.await() }
    strand.shell = null
    shell.logged.eachLine { build.say(it) }
    if (!a.returnStdout) shell.output.eachLine { build.say(it) }
    build.throwPending()
    if (!here.node.online) throw new AgentOfflineException(here.node.name)
    if (a.returnStatus) return code
    if (code != 0) throw new AbortException("script returned exit code ${code}")
    return a.returnStdout ? shell.output.text : null
  }

  private void sleep(Map a) { build.baton.released { Thread.sleep(a.time * milliseconds(a.unit ?: 'SECONDS')) } }

  private long milliseconds(String unit) {
    if (!(unit in UNITS)) throw new PipelineError("'${unit}' is no unit of time; there are ${UNITS.join(', ')}")
    long minute = build.controller.minute
    return [SECONDS: minute.intdiv(60), MINUTES: minute, HOURS: minute * 60, DAYS: minute * 60 * 24][unit] as long
  }

  // ---- blocks

  private Object script(Map a, Closure body) { body() }

  private Object stage(Map a, Closure body) {
    build.say("stage ${a.name}")
    build.record(step: 'stage', name: a.name)
    return build.within(build.context.child(stage: a.name.toString(),
                                            variables: build.context.variables + [STAGE_NAME: a.name.toString()]), body)
  }

  Object node(Map a, Closure body) {
    String label = a.label ?: ''
    List<Node> all = build.controller.nodes
    if (!all.any { it.serves(label) }) throw new PipelineError("no node has the label '${label}'")
    Node node = null
    File workspace = null
    build.baton.released {
      while (workspace == null && !build.strand.pending) {
        for (Node candidate in all.findAll { it.serves(label) }) {
          workspace = candidate.take(build.job)
          if (workspace != null) {
            node = candidate
            break
          }
        }
        if (workspace == null) Thread.sleep(10)
      }
    }
    build.throwPending()
    File temporary = new File(workspace.path + '@tmp')
    temporary.mkdirs()
    String cookie = UUID.randomUUID()
    Map variables = build.controller.variables + build.context.variables + [
        NODE_NAME: node.name, EXECUTOR_NUMBER: '0', WORKSPACE: workspace.path, WORKSPACE_TMP: temporary.path,
        HOME: node.home.path, JENKINS_NODE_COOKIE: cookie]
    Context inside = build.context.child(node: node, workspace: workspace, folder: workspace, variables: variables)
    build.say("Running on ${node.name} in ${workspace}")
    build.record(step: 'node', label: label, name: node.name)
    build.controller.onNode(build, node)
    try {
      return build.within(inside, body)
    } finally {
      Processes.signal('KILL', Processes.carrying('JENKINS_NODE_COOKIE', cookie))
      node.give(workspace)
    }
  }

  private List<String> nodesByLabel(Map a) {
    build.controller.nodes.findAll { a.label in it.labels && (it.online || a.offline) }*.name
  }

  Object timeout(Map a, Closure body) {
    Context inside = build.context.child()
    long limit = a.time * milliseconds(a.unit ?: 'MINUTES')
    boolean done = false
    Thread watch = Thread.start {
      try {
        Thread.sleep(limit)
        if (!done) build.interrupt(inside, FlowInterruptedException.TIMED_OUT)
      } catch (InterruptedException ended) {
        return
      }
    }
    build.record(step: 'timeout', time: a.time, unit: a.unit ?: 'MINUTES')
    try {
      return build.within(inside, body)
    } finally {
      done = true
      watch.interrupt()
    }
  }

  Object retry(Map a, Closure body) {
    if (a.count < 1) throw new PipelineError("retry: count is ${a.count}")
    a.conditions.each { if (!(it in CONDITIONS.values())) throw new PipelineError("retry: '${it}' is no condition") }
    for (int attempt = 1; ; attempt++) {
      try {
        return body()
      } catch (Exception thrown) {
        boolean again = attempt < a.count && worthRetry(thrown, a.conditions as List)
        if (thrown instanceof PipelineError || !again) throw thrown
        build.say("Retrying after: ${thrown.message}")
        build.record(step: 'retry', cause: thrown.message)
      }
    }
  }

  private static boolean worthRetry(Exception thrown, List conditions) {
    boolean lost = thrown instanceof AgentOfflineException ||
        thrown instanceof FlowInterruptedException && thrown.lostNode
    if (conditions) return lost && 'agent' in conditions
    return !(thrown instanceof FlowInterruptedException) || lost
  }

  private String agent(Map a) { CONDITIONS.agent }

  private String nonresumable(Map a) { CONDITIONS.nonresumable }

  private Object lock(Map a, Closure body) {
    if (!a.resource && !a.label) throw new PipelineError('lock: neither resource nor label')
    if (a.resource && a.label) throw new PipelineError('lock: resource and label')
    Map all = build.controller.resources
    List candidates = all.findAll { name, r -> a.resource ? name == a.resource : a.label in r.labels }.keySet() as List
    // As the plugin: without a quantity, everything that has the label.
    int wanted = a.label && a.quantity ? a.quantity : candidates.size()
    if (candidates.size() < wanted || !candidates) {
      throw new PipelineError("lock: ${wanted} of ${candidates} can never be had")
    }
    Object owner = new Object()
    List held = []
    build.baton.released {
      while (!held && !build.strand.pending) {
        synchronized (all) {
          List free = candidates.findAll { all[it].heldBy == null }
          if (free.size() >= wanted) {
            held = free.take(wanted)
            held.each { all[it].heldBy = owner }
          }
        }
        if (!held) Thread.sleep(10)
      }
    }
    build.throwPending()
    build.record(step: 'lock', label: a.label, resources: held)
    Map variables = new LinkedHashMap(build.context.variables)
    if (a.variable) {
      variables[a.variable.toString()] = held.join(',')
      held.eachWithIndex { name, i -> variables["${a.variable}${i}".toString()] = name }
    }
    try {
      return build.within(build.context.child(variables: variables), body)
    } finally {
      synchronized (all) { held.each { all[it].heldBy = null } }
    }
  }

  private Object withEnv(Map a, Closure body) {
    Map variables = new LinkedHashMap(build.context.variables)
    a.overrides.each {
      if (!it.toString().contains('=')) throw new PipelineError("withEnv: '${it}' has no =")
      variables[it.toString().split('=', 2)[0]] = it.toString().split('=', 2)[1]
    }
    return build.within(build.context.child(variables: variables), body)
  }

  private Object withCredentials(Map a, Closure body) {
    Map variables = new LinkedHashMap(build.context.variables)
    a.bindings.each { Map binding ->
      String secret = build.controller.credentials[binding.credentialsId.toString()]
      if (secret == null) throw new AbortException("Could not find credentials '${binding.credentialsId}'")
      if (binding.kind == 'usernamePassword') {
        variables[binding.usernameVariable] = secret.tokenize(':')[0]
        variables[binding.passwordVariable] = secret.tokenize(':')[1]
      } else {
        variables[binding.variable] = secret
      }
    }
    build.record(step: 'withCredentials', ids: a.bindings*.credentialsId)
    return build.within(build.context.child(variables: variables), body)
  }

  private Map string(Map a) { [kind: 'string'] + a }

  private Map file(Map a) { [kind: 'file'] + a }

  private Map usernamePassword(Map a) { [kind: 'usernamePassword'] + a }

  private Object catchError(Map a, Closure body) {
    try {
      return body()
    } catch (Exception thrown) {
      if (thrown instanceof PipelineError) throw thrown
      if (thrown instanceof FlowInterruptedException && a.catchInterruptions == false) throw thrown
      build.say("ERROR: ${a.message ?: thrown.message}")
      build.worsen(thrown instanceof FlowInterruptedException ? 'ABORTED' : (a.buildResult ?: 'FAILURE'))
      return null
    }
  }

  /** Branches by name, each on a thread; all run to their end, then the first failure counts. */
  Object parallel(List given) {
    if (given.size() != 1 || !(given[0] instanceof Map)) throw new PipelineError('parallel takes a map of branches')
    Map branches = new LinkedHashMap(given[0] as Map)
    boolean failFast = branches.remove('failFast') ?: false
    if (!branches) throw new PipelineError('parallel: no branches')
    branches.each { name, body ->
      if (!(body instanceof Closure)) throw new PipelineError("parallel: ${name} is no block")
    }
    build.throwPending()
    Strand mine = build.strand
    mine.waitsForBranches = true
    List<Throwable> thrown = []
    Map results = [:]
    List<Thread> threads = branches.collect { name, body ->
      Context inside = mine.context.child(branch: name.toString())
      Strand strand = new Strand(context: inside)
      build.strands << strand
      Thread.start("branch ${name}") {
        build.baton.held {
          build.strands.remove(strand)
          build.inStrand(strand) {
            try {
              results[name] = (body as Closure).call()
            } catch (Throwable failure) {
              build.say("Failed in branch ${name}: ${failure.message}")
              thrown << failure
              if (failFast && thrown.size() == 1) build.interrupt(mine.context, 'another branch failed')
            }
          }
        }
      }
    }
    build.baton.released { threads*.join() }
    mine.waitsForBranches = false
    if (thrown) throw (thrown.find { it instanceof PipelineError } ?: thrown[0])
    return results
  }

  // ---- files

  private Object dir(Map a, Closure body) {
    File folder = new File(build.context.folder, a.path.toString())
    folder.mkdirs()
    build.within(build.context.child(folder: folder), body)
  }

  private void deleteDir(Map a) { build.context.folder.deleteDir() }

  private String pwd(Map a) { a.tmp ? build.context.workspace.path + '@tmp' : build.context.folder.path }

  private String readFile(Map a) { files.existing(a.file.toString()).text }

  private void writeFile(Map a) {
    File file = new File(build.context.folder, a.file.toString())
    file.parentFile.mkdirs()
    file.text = a.text
  }

  private boolean fileExists(Map a) { new File(build.context.folder, a.file.toString()).exists() }

  private Object readJSON(Map a) {
    if ((a.file == null) == (a.text == null)) throw new PipelineError('readJSON: file or text')
    if (a.file != null) checkNode('readJSON')
    String text = a.text != null ? a.text : files.existing(a.file.toString()).text
    return new JsonSlurperClassic().parseText(text)
  }

  private List findFiles(Map a) { files.find(a.glob.toString(), a.excludes as String) }

  private void checkout(Map a) {
    if (!build.controller.scm) throw new AbortException('checkout: this job has no sources')
    files.copy(build.controller.scm, build.context.folder)
    build.record(step: 'checkout')
  }

  private void archiveArtifacts(Map a) { files.archive(a) }

  private void stash(Map a) { files.stash(a) }

  private void unstash(Map a) { files.unstash(a.name.toString()) }

  private void junit(Map a) { files.junit(a) }
}
