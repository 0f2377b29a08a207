// SPDX-License-Identifier: Apache-2.0
package harness

/** The steps of Jenkins that our pipelines use, with their parameters. Anything else is an error. */
class StepTable {
  private static final Class TEXT = CharSequence

  // name → [parameters; which of them may go without its name; whether it has a body; whether it needs a node]
  private static final Map<String, Map> KNOWN = [
      archiveArtifacts: [takes: [artifacts: TEXT, excludes: TEXT, allowEmptyArchive: Boolean, fingerprint: Boolean,
                                 onlyIfSuccessful: Boolean], main: 'artifacts', needs: ['artifacts'], onNode: true],
      agent: [takes: [:]],
      build: [takes: [job: TEXT, parameters: List, wait: Boolean, propagate: Boolean], main: 'job', needs: ['job']],
      catchError: [takes: [buildResult: TEXT, stageResult: TEXT, message: TEXT, catchInterruptions: Boolean],
                   body: true],
      checkout: [takes: [scm: Object], main: 'scm', needs: ['scm'], onNode: true],
      deleteDir: [takes: [:], onNode: true],
      dir: [takes: [path: TEXT], main: 'path', needs: ['path'], body: true, onNode: true],
      echo: [takes: [message: TEXT], main: 'message', needs: ['message']],
      error: [takes: [message: TEXT], main: 'message', needs: ['message']],
      fileExists: [takes: [file: TEXT], main: 'file', needs: ['file'], onNode: true],
      findFiles: [takes: [glob: TEXT, excludes: TEXT], onNode: true],
      junit: [takes: [testResults: TEXT, allowEmptyResults: Boolean, keepLongStdio: Boolean,
                      skipPublishingChecks: Boolean, skipMarkingBuildUnstable: Boolean],
              main: 'testResults', needs: ['testResults'], onNode: true],
      lock: [takes: [resource: TEXT, label: TEXT, quantity: Integer, variable: TEXT, inversePrecedence: Boolean,
                     skipIfLocked: Boolean], main: 'resource', body: true],
      mail: [takes: [to: TEXT, subject: TEXT, body: TEXT, cc: TEXT, from: TEXT], needs: ['to', 'subject', 'body']],
      node: [takes: [label: TEXT], main: 'label', body: true],
      nodesByLabel: [takes: [label: TEXT, offline: Boolean], main: 'label', needs: ['label']],
      nonresumable: [takes: [:]],
      parallel: [takes: null],
      pwd: [takes: [tmp: Boolean], onNode: true],
      readFile: [takes: [file: TEXT, encoding: TEXT], main: 'file', needs: ['file'], onNode: true],
      readJSON: [takes: [file: TEXT, text: TEXT], onNode: false],
      retry: [takes: [count: Integer, conditions: List], main: 'count', needs: ['count'], body: true],
      script: [takes: [:], body: true],
      sh: [takes: [script: TEXT, label: TEXT, returnStatus: Boolean, returnStdout: Boolean, encoding: TEXT],
           main: 'script', needs: ['script'], onNode: true],
      sleep: [takes: [time: Integer, unit: TEXT], main: 'time', needs: ['time']],
      stage: [takes: [name: TEXT], main: 'name', needs: ['name'], body: true],
      stash: [takes: [name: TEXT, includes: TEXT, excludes: TEXT, allowEmpty: Boolean, useDefaultExcludes: Boolean],
              main: 'name', needs: ['name'], onNode: true],
      string: [takes: [credentialsId: TEXT, variable: TEXT, name: TEXT, value: TEXT]],
      file: [takes: [credentialsId: TEXT, variable: TEXT], needs: ['credentialsId', 'variable']],
      timeout: [takes: [time: Integer, unit: TEXT, activity: Boolean], main: 'time', needs: ['time'], body: true],
      unstable: [takes: [message: TEXT], main: 'message', needs: ['message']],
      unstash: [takes: [name: TEXT], main: 'name', needs: ['name'], onNode: true],
      usernamePassword: [takes: [credentialsId: TEXT, usernameVariable: TEXT, passwordVariable: TEXT],
                         needs: ['credentialsId', 'usernameVariable', 'passwordVariable']],
      withCredentials: [takes: [bindings: List], main: 'bindings', needs: ['bindings'], body: true],
      withEnv: [takes: [overrides: List], main: 'overrides', needs: ['overrides'], body: true],
      writeFile: [takes: [file: TEXT, text: TEXT, encoding: TEXT], needs: ['file', 'text'], onNode: true],
  ]

  static final Set<String> NAMES = KNOWN.keySet().asImmutable()

  static boolean has(String name) { KNOWN.containsKey(name) }

  static boolean needsNode(String name) { KNOWN[name].onNode }

  /** The arguments by name. Error: one that is unknown, of another kind, missing or too many. */
  static Map check(String name, List given, boolean hasBody) {
    Map step = KNOWN[name]
    if (hasBody && !step.body) throw new PipelineError("${name} takes no block")
    if (!hasBody && step.body) throw new PipelineError("${name} needs a block")
    Map arguments = given && given[0] instanceof Map ? new LinkedHashMap(given[0] as Map) : [:]
    List unnamed = given && given[0] instanceof Map ? given.drop(1) : given
    if (unnamed.size() > 1 || unnamed && !step.main) throw new PipelineError("${name}: too many arguments: ${unnamed}")
    if (unnamed) arguments[step.main] = unnamed[0]
    arguments.each { entry -> if (entry.value instanceof GString) entry.value = entry.value.toString() }
    arguments.each { key, value ->
      Class type = step.takes[key]
      if (!type) {
        throw new PipelineError("${name}: unknown parameter '${key}'; it takes ${step.takes.keySet().join(', ')}")
      }
      if (value != null && !type.isInstance(value)) {
        throw new PipelineError("${name}: ${key} is a ${value.class.simpleName}, not a ${type.simpleName}")
      }
    }
    step.needs.each { if (arguments[it] == null) throw new PipelineError("${name}: ${it} is missing") }
    return arguments
  }
}
