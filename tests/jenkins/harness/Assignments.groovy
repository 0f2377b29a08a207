// SPDX-License-Identifier: Apache-2.0
package harness

/** `environment { NAME = value }`; values are asked for when the block is run. */
class Assignments {
  private final Build build
  private final Map<String, Closure> values

  Assignments(Build build, Map<String, Closure> values) {
    this.build = build
    this.values = values
  }

  Object getProperty(String name) { build.global(name) }

  void setProperty(String name, Object value) { values[name] = { value } }

  Object invokeMethod(String name, Object given) {
    if (name != 'credentials') throw new PipelineError("environment: '${name}' cannot be called here")
    throw new PipelineError('environment: take credentials where they are used, with withCredentials')
  }
}
