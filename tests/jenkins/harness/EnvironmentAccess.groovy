// SPDX-License-Identifier: Apache-2.0
package harness

/** `env.NAME`, and `env.NAME = value` for all that follows. */
class EnvironmentAccess {
  private final Build build

  EnvironmentAccess(Build build) { this.build = build }

  Object getProperty(String name) { build.context.variables[name] }

  void setProperty(String name, Object value) {
    for (Context c = build.context; c != null; c = c.parent) c.variables[name] = value.toString()
  }
}
