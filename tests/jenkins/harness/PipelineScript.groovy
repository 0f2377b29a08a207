// SPDX-License-Identifier: Apache-2.0
package harness

/** What Jenkinsfiles and the library's steps are compiled to: an unknown method is a step, or an error. */
abstract class PipelineScript extends Script {
  private Build m_build

  PipelineScript within(Build build) {
    this.@m_build = build
    return this
  }

  @Override
  Object invokeMethod(String name, Object args) {
    Object[] given = args instanceof Object[] ? args : [args] as Object[]
    MetaMethod own = metaClass.getMetaMethod(name, given)
    if (own != null && own.declaringClass.theClass == this.class) return own.invoke(this, given)
    return this.@m_build.invoke(name, given)
  }

  @Override
  Object getProperty(String name) {
    if (name in ['metaClass', 'class', 'binding']) return super.getProperty(name)
    if (binding.hasVariable(name)) return binding.getVariable(name)
    return this.@m_build.global(name)
  }

  // Groovy's own `sleep` and `println` would win over steps and go unnoticed.
  Object sleep(Object time) { this.@m_build.invoke('sleep', [time] as Object[]) }

  void println(Object value) { throw new PipelineError("println: the log of a build has `echo`") }
}
