// SPDX-License-Identifier: Apache-2.0
package harness

/** `environment { NAME = value }`: the block is run to know what is in it. */
class Assignments {
  private final Build build
  private final Map<String, String> values = [:]

  private Assignments(Build build) { this.build = build }

  static Map<String, String> of(Build build, Closure body) {
    Assignments assignments = new Assignments(build)
    Closure copy = body.clone() as Closure
    copy.delegate = assignments
    copy.resolveStrategy = Closure.DELEGATE_ONLY
    copy.call()
    return assignments.@values
  }

  Object getProperty(String name) { build.global(name) }

  void setProperty(String name, Object value) { values[name] = value.toString() }

  Object invokeMethod(String name, Object given) {
    if (name != 'credentials') throw new PipelineError("environment: '${name}' cannot be called here")
    throw new PipelineError('environment: take credentials where they are used, with withCredentials')
  }
}
