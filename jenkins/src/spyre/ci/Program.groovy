// SPDX-License-Identifier: Apache-2.0
package spyre.ci

import com.cloudbees.groovy.cps.NonCPS

/** Calls spyre-ci on the node at hand. The logic is in that program; here is only how Jenkins calls it. */
class Program implements Serializable {
  private static final long serialVersionUID = 1L

  /** Where plan, results and records are kept, in the workspace and among the artifacts. */
  static final String FOLDER = 'spyre-ci'

  private final Object steps
  private final Map options

  /** `steps` is the script that calls (`this`); `options` has the keys of Arguments.PROGRAM. */
  Program(Object steps, Map options) {
    this.steps = steps
    this.options = options
  }

  /** Runs a command and gives its exit code. */
  int run(String label, List words, String output = '') {
    return steps.sh(label: label, returnStatus: true, script: commandLine(options, words, output))
  }

  /** Runs a command that has to succeed, and gives the JSON document that it prints. The file stays, as a record. */
  Object document(String label, List words, String name) {
    String file = "${FOLDER}/${name}.json"
    require(run(label, ['--json'] + words, file), label)
    return steps.readJSON(file: file)
  }

  /** Ends the build when the code is not success: for steps that come before any test. */
  void require(int code, String what) {
    if (code != ExitCode.SUCCESS) steps.error("${what}: ${ExitCode.meaning(code)} (exit code ${code})")
  }

  /** Carries the result of tests over to the build, which only ever gets worse by it. */
  void settle(int code, String what) {
    String message = "${what}: ${ExitCode.meaning(code)} (exit code ${code})"
    String result = ExitCode.result(code)
    if (result == 'FAILURE') {
      steps.error(message)
    } else if (result == 'UNSTABLE') {
      steps.unstable(message)
    } else {
      steps.echo(message)
    }
  }

  @NonCPS
  private static String commandLine(Map options, List words, String output) {
    List all = [options.program]
    if (options.config) all += ['--config', options.config]
    for (setting in options.settings) all += ['--set', setting]
    all += words
    List quoted = []
    for (word in all) quoted << quote(word as String)
    // `exec`: the signal of an abort reaches the program itself, and its exit code is the script's.
    String command = 'exec ' + quoted.join(' ')
    return output ? "mkdir -p ${FOLDER} && ${command} >${quote(output)}" : command
  }

  @NonCPS
  private static String quote(String word) {
    return word ==~ /[A-Za-z0-9_.,:@%+=\/-]+/ ? word : "'" + word.replace("'", "'\\''") + "'"
  }

  /** `--name value` for each entry that has a value; a list gives the option several times, true the bare flag. */
  @NonCPS
  static List flags(Map values) {
    List words = []
    for (entry in values) {
      List given = entry.value instanceof List ? entry.value : [entry.value]
      for (value in given) {
        if (value == true) words << "--${entry.key}".toString()
        else if (value) words += ["--${entry.key}".toString(), value.toString()]
      }
    }
    return words
  }
}
