// SPDX-License-Identifier: Apache-2.0
package harness

import java.util.concurrent.CopyOnWriteArrayList

/** One build: what is asked of it, what it did, and how it ended. */
class Build {
  static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']

  final Controller controller
  final String job
  final int number
  final Map<String, String> environment
  final List<String> causes
  final Map<String, Object> parameters  // what it was started with: also in the environment
  Map<String, Object> defaults = [:]    // what its own Jenkinsfile declares: only in `params`
  String result = 'SUCCESS'
  String description
  Throwable failure                 // what ended it
  final List<String> log = new CopyOnWriteArrayList<>()
  final List<Map> events = new CopyOnWriteArrayList<>()  // what steps did, in order: [step: 'junit', branch: …]
  final Map<String, File> stashes = [:]
  String displayName
  Map declared = [:]                // what a declarative pipeline says of itself
  final Baton baton = new Baton()
  final List<Strand> strands = new CopyOnWriteArrayList<>()
  private final ThreadLocal<Strand> current = new ThreadLocal<>()
  private final Map<String, PipelineScript> library = [:]
  private final Steps steps
  private PipelineScript script
  private Thread thread
  private final Context top

  Build(Controller controller, String job, int number, Map options) {
    this.controller = controller
    this.job = job
    this.number = number
    this.parameters = new LinkedHashMap(options.parameters ?: [:])
    this.environment = new LinkedHashMap(options.environment ?: [:])
    this.causes = options.causes ?: ['a user']
    this.steps = new Steps(this)
    this.top = new Context(variables: ownVariables())
  }

  private Map<String, String> ownVariables() {
    String url = "http://jenkins.test/job/${job.replace('/', '/job/')}/"
    Map own = [CI: 'true', BUILD_NUMBER: "${number}", BUILD_ID: "${number}",
               BUILD_TAG: "jenkins-${job.replace('/', '-')}-${number}",
               BUILD_URL: "${url}${number}/", JOB_URL: url, JOB_NAME: job, JOB_BASE_NAME: job.tokenize('/').last(),
               JENKINS_URL: 'http://jenkins.test/', SPYRE_TEST_CONTROLLER: controller.root.path]
    parameters.each { name, value -> own[name] = "${value}".toString() }
    return (own + environment).collectEntries { k, v -> [k, v.toString()] }
  }

  void begin(String jenkinsfile) {
    thread = Thread.start("build ${job} ${number}") {
      baton.held {
        inStrand(new Strand(context: top)) {
          try {
            script = Controller.newScript(controller.compile("${job}_jenkinsfile", jenkinsfile), this)
            script.run()
          } catch (Throwable thrown) {
            end(thrown)
          }
        }
      }
    }
  }

  Build await() {
    thread.join(240_000)
    if (thread.alive) {
      abort()
      thread.join(30_000)
      throw new IllegalStateException("the build did not end:\n${log.join('\n')}")
    }
    return this
  }

  private void end(Throwable thrown) {
    failure = thrown
    worsen(thrown instanceof FlowInterruptedException ? 'ABORTED' : 'FAILURE')
    say(thrown instanceof AbortException ? "ERROR: ${thrown.message}" : "${thrown}")
  }

  void worsen(String other) {
    if (!(other in RESULTS)) throw new PipelineError("'${other}' is no result of a build")
    if (RESULTS.indexOf(other) > RESULTS.indexOf(result)) result = other
  }

  void say(String line) { log << (context?.branch ? "[${context.branch}] ${line}" : line).toString() }

  void record(Map event) {
    events << ([branch: context.branch, stage: context.stage, node: context.node?.name] + event)
  }

  List<Map> did(String step) { events.findAll { it.step == step } }

  File getArchive() { new File(controller.root, "archive/${job}/${number}") }

  // ---- where a step runs

  Strand getStrand() { current.get() }

  Context getContext() { current.get()?.context }

  def inStrand(Strand strand, Closure work) {
    Strand outer = current.get()
    current.set(strand)
    strands << strand
    try {
      return work()
    } finally {
      strands.remove(strand)
      current.set(outer)
    }
  }

  def within(Context inner, Closure body) {
    Strand mine = strand
    Context outer = mine.context
    mine.context = inner
    try {
      return body()
    } finally {
      mine.context = outer
    }
  }

  // ---- interruptions

  void abort() { interrupt(top, FlowInterruptedException.ABORTED) }

  /** Reaches every strand beneath the block: the step that is under way there, or else the next one. */
  void interrupt(Context block, String cause) {
    strands.findAll { !it.waitsForBranches && it.context.isWithin(block) }.each { Strand strand ->
      strand.pending = new FlowInterruptedException(cause)
      Shell shell = strand.shell
      if (shell) Thread.start { cause == FlowInterruptedException.NODE_LOST ? shell.lose() : shell.stop() }
    }
  }

  /** The machine is gone, with everything that runs on it. */
  void lose(Node node) {
    node.online = false
    strands.findAll { it.context.node.is(node) }.each { Strand strand ->
      strand.pending = new FlowInterruptedException(FlowInterruptedException.NODE_LOST)
      strand.shell?.lose()
    }
  }

  void throwPending() {
    FlowInterruptedException thrown = strand.pending
    strand.pending = null
    if (thrown) throw thrown
  }

  // ---- what scripts see

  Object invoke(String name, Object[] given) {
    if (steps.knows(name)) return steps.call(name, given as List)
    PipelineScript step = fromLibrary(name)
    if (step) return step.call(*given)
    throw new PipelineError("No such DSL method '${name}' found among steps and the library")
  }

  Object global(String name) {
    switch (name) {
      case 'env': return new EnvironmentAccess(this)
      case 'params': return Collections.unmodifiableMap(defaults + parameters)
      case 'currentBuild': return new CurrentBuild(this)
      case 'scm': return 'scm'
    }
    PipelineScript step = fromLibrary(name)
    if (step) return step
    if (context.variables.containsKey(name)) return context.variables[name]
    throw new PipelineError("No such property: ${name}")
  }

  private PipelineScript fromLibrary(String name) {
    if (!library.containsKey(name)) library[name] = controller.libraryStep(name, this)
    return library[name]
  }
}
