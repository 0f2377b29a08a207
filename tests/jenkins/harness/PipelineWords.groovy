// SPDX-License-Identifier: Apache-2.0
package harness

/** Words of declarative pipelines, with the parameters that they take: [parameters, the one without a name]. */
class PipelineWords {
  private static final Class TEXT = CharSequence

  static final Map OPTION_VALUES = [
      logRotator: [numToKeepStr: TEXT, daysToKeepStr: TEXT, artifactNumToKeepStr: TEXT, artifactDaysToKeepStr: TEXT]]

  static final Map STAGE_OPTIONS = [
      timeout: [time: Integer, unit: TEXT], retry: [count: Integer], timestamps: [:], skipDefaultCheckout: [:],
      lock: [resource: TEXT, label: TEXT, quantity: Integer, variable: TEXT]]

  static final Map OPTIONS = STAGE_OPTIONS + [
      buildDiscarder: [strategy: Object], disableConcurrentBuilds: [abortPrevious: Boolean], disableResume: [:],
      preserveStashes: [buildCount: Integer], parallelsAlwaysFailFast: [:], durabilityHint: [hint: TEXT]]

  static final Map PARAMETERS = [
      string: [name: TEXT, defaultValue: TEXT, description: TEXT, trim: Boolean],
      text: [name: TEXT, defaultValue: TEXT, description: TEXT],
      booleanParam: [name: TEXT, defaultValue: Boolean, description: TEXT],
      choice: [name: TEXT, choices: List, description: TEXT]]

  static final Map TRIGGERS = [
      cron: [spec: TEXT], pollSCM: [spec: TEXT], upstream: [upstreamProjects: TEXT, threshold: Object]]

  static Map check(String word, List given, Map takes) {
    Map arguments = given && given[0] instanceof Map && !(takes.size() == 1 && takes.values()[0] == Object) ?
        new LinkedHashMap(given[0] as Map) : [:]
    List unnamed = arguments ? given.drop(1) : given
    if (unnamed.size() > 1 || unnamed && !takes) throw new PipelineError("${word}: too many arguments: ${unnamed}")
    if (unnamed) arguments[takes.keySet()[0]] = unnamed[0]
    arguments.each { name, value ->
      if (!takes.containsKey(name)) {
        throw new PipelineError("${word}: unknown parameter '${name}'; it takes ${takes.keySet().join(', ')}")
      }
      if (!takes[name].isInstance(value)) {
        throw new PipelineError("${word}: ${name} is a ${value?.class?.simpleName}, not a ${takes[name].simpleName}")
      }
    }
    return arguments
  }
}
