// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.control.CompilerConfiguration

/**
 * A stand-in of Job DSL: the methods that our seed uses, in the blocks that they belong to, and no other. Makes a map a
 * job: [kind: 'pipelineJob', name: …, then what the blocks say, by path: 'definition.cpsScm.scriptPath': …].
 */
class JobDsl {
  // A block's methods: true takes a value, a number so many, a map is a block of its own.
  private static final Map PIPELINE = [
      description: true, displayName: true, disabled: true, parameters: [booleanParam: 3],
      definition: [cpsScm: [lightweight: true, scriptPath: true,
                            scm: [git: [remote: [url: true, credentials: true, name: true], branch: true]]]]]
  private static final Map MULTIBRANCH = [
      description: true, displayName: true,
      branchSources: [git: [id: true, remote: true, credentialsId: true]],
      factory: [workflowBranchProjectFactory: [scriptPath: true]],
      orphanedItemStrategy: [discardOldItems: [numToKeep: true, daysToKeep: true]],
      triggers: [periodicFolderTrigger: [interval: true]]]
  private static final Map FOLDER = [displayName: true, description: true]
  private static final Map JOBS = [folder: FOLDER, pipelineJob: PIPELINE, multibranchPipelineJob: MULTIBRANCH]

  final List<Map> jobs = []

  static List<Map> run(String seed, Map<String, String> variables) {
    JobDsl dsl = new JobDsl()
    Binding binding = new Binding(variables)
    CompilerConfiguration configuration = new CompilerConfiguration()
    configuration.scriptBaseClass = DelegatingScript.name
    GroovyShell shell = new GroovyShell(JobDsl.classLoader, binding, configuration)
    DelegatingScript script = shell.parse(seed) as DelegatingScript
    script.setDelegate(dsl)
    script.run()
    return dsl.jobs
  }

  Object invokeMethod(String kind, Object given) {
    List arguments = (given as Object[]) as List
    if (kind == 'queue') return queue(arguments)
    if (!JOBS.containsKey(kind)) throw new PipelineError("Job DSL has no '${kind}' here")
    if (!(arguments[0] instanceof CharSequence)) throw new PipelineError("${kind}: no name")
    Map job = [kind: kind, name: arguments[0].toString()]
    String parent = job.name.contains('/') ? job.name.replaceAll('/[^/]*$', '') : null
    if (parent && !jobs.any { it.kind == 'folder' && it.name == parent }) {
      throw new PipelineError("${job.name}: there is no folder '${parent}'")
    }
    if (jobs.any { it.name == job.name }) throw new PipelineError("${job.name} is there twice")
    read(arguments[1] as Closure, JOBS[kind], '', job)
    jobs << job
    return null
  }

  private Object queue(List arguments) {
    Map job = jobs.find { it.name == arguments[0].toString() && it.kind != 'folder' }
    if (arguments.size() != 1 || !job) throw new PipelineError("queue: ${arguments} is no job of this seed")
    job.queued = true
    return null
  }

  private static void read(Closure body, Map methods, String path, Map job) {
    Closure copy = body.rehydrate(new JobDslBlock(methods, path, job, this.&read), body.owner, body.thisObject)
    copy.resolveStrategy = Closure.DELEGATE_FIRST
    copy.call()
  }
}
