// SPDX-License-Identifier: Apache-2.0
package harness

/** Where in the nesting of blocks a step runs: its node, folder, variables and branch. */
class Context {
  Context parent
  Node node
  File workspace
  File folder
  Map<String, String> variables = [:]
  String branch
  String stage

  Context child(Map changes = [:]) {
    Context inner = new Context(parent: this, node: node, workspace: workspace, folder: folder,
                                variables: new LinkedHashMap(variables), branch: branch, stage: stage)
    changes.each { name, value -> inner[name as String] = value }
    return inner
  }

  boolean isWithin(Context outer) {
    for (Context c = this; c != null; c = c.parent) {
      if (c.is(outer)) return true
    }
    return false
  }
}
