// SPDX-License-Identifier: Apache-2.0
package harness

import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer

/** A stand-in for a Jenkins controller: nodes, lockable resources, a shared library, and builds of Jenkinsfiles. */
class Controller {
  final File root                   // everything that builds write is beneath it
  final File libraryRoot            // folder with vars/, src/ and resources/
  final List<Node> nodes = []
  final Map<String, Map> resources = [:]  // name → [labels: …, heldBy: a block or null]
  final Map<String, String> variables     // what every process finds
  final Map<String, String> credentials = [:]
  final Map<String, List<Build>> builds = [:]
  final Map<String, List<Map>> definitions = [:]  // job → its parameters: [name: …, value: default, declared: …]
  final Map<String, List<Map>> triggers = [:]     // job → what starts it
  File scm                          // what `checkout scm` brings
  long minute = 60_000              // how long a minute of `timeout` is, in milliseconds
  Closure onShell = { Build build, Shell shell, Node node, String script -> }
  Closure onNode = { Build build, Node node -> }

  // Compiled once for all controllers with the same library; scripts are made anew for each build.
  private static final Map<File, GroovyClassLoader> LOADERS = [:]
  private static final Map<String, Class> CLASSES = [:]
  private final GroovyClassLoader loader

  Controller(File root, File libraryRoot, Map<String, String> variables) {
    this.root = root
    this.libraryRoot = libraryRoot
    this.variables = variables
    if (!LOADERS.containsKey(libraryRoot)) LOADERS[libraryRoot] = loaderFor(libraryRoot)
    this.loader = LOADERS[libraryRoot]
  }

  private static GroovyClassLoader loaderFor(File libraryRoot) {
    CompilerConfiguration configuration = new CompilerConfiguration()
    configuration.scriptBaseClass = PipelineScript.name
    ImportCustomizer imports = new ImportCustomizer()
    imports.addImports(Library.name)
    configuration.addCompilationCustomizers(imports)
    GroovyClassLoader loader = new GroovyClassLoader(PipelineScript.classLoader, configuration)
    loader.addClasspath(new File(libraryRoot, 'src').path)
    return loader
  }

  Node addNode(Map options = [:], String name) {
    Node node = new Node(name, options.labels ?: [], new File(root, "nodes/${name}"), options.executors ?: 1)
    nodes << node
    return node
  }

  void addResource(String name, String... labels) { resources[name] = [labels: labels as List, heldBy: null] }

  /** Runs a Jenkinsfile to its end. Options: job, parameters, environment, causes. */
  Build run(Map options = [:], String jenkinsfile) { start(options, jenkinsfile).await() }

  Build run(Map options = [:], File jenkinsfile) { run(options, jenkinsfile.text) }

  Build start(Map options = [:], String jenkinsfile) {
    String job = options.job ?: 'job'
    List<Build> earlier = builds.get(job, [])
    Build build = new Build(this, job, earlier.size() + 1, options + [parameters: parametersOf(job, options.parameters)])
    earlier << build
    build.begin(jenkinsfile)
    return build
  }

  /**
   * What a build is started with: the job's parameters, and nothing else that was given. A job that has none yet takes
   * what is given, as if it was defined by hand.
   */
  private Map parametersOf(String job, Map given) {
    Map values = given ?: [:]
    if (!definitions.containsKey(job)) return values
    return definitions[job].collectEntries { [it.name, values.containsKey(it.name) ? values[it.name] : it.value] }
  }

  /** What a Jenkinsfile declares becomes its job's; parameters that no Jenkinsfile has declared are kept. */
  void declare(String job, Map model) {
    List<Map> kept = (definitions[job] ?: []).findAll { !it.declared && !(it.name in model.parameters*.name) }
    if (kept || model.parameters) definitions[job] = kept + model.parameters.collect { [declared: true] + it }
    triggers[job] = model.triggers
  }

  /** Makes the jobs of a seed, or makes them anew: what a Jenkinsfile had declared is gone. Returns those in the queue. */
  List<String> seed(List<Map> jobs) {
    jobs.findAll { it.kind == 'pipelineJob' }.each { Map job ->
      definitions[job.name] = (job['parameters.booleanParam'] ?: []).collect { [name: it[0], value: it[1]] }
      triggers.remove(job.name)
    }
    return jobs.findAll { it.queued }*.name
  }

  Class compile(String name, String source) {
    synchronized (CLASSES) {
      String key = "${name} ${libraryRoot} ${source}"
      if (!CLASSES.containsKey(key)) {
        CLASSES[key] = loader.parseClass(source, "${name.replaceAll(/[^A-Za-z0-9]/, '_')}.groovy")
      }
      return CLASSES[key]
    }
  }

  /** The library's step of that name, for one build. */
  PipelineScript libraryStep(String name, Build build) {
    File file = new File(libraryRoot, "vars/${name}.groovy")
    return file.isFile() ? newScript(compile(name, file.text), build) : null
  }

  static PipelineScript newScript(Class type, Build build) {
    return (type.newInstance() as PipelineScript).within(build)
  }

  /** What is still running of any build on this controller. */
  List<Long> leftProcesses() { Processes.carrying('SPYRE_TEST_CONTROLLER', root.path) }
}
