// SPDX-License-Identifier: Apache-2.0
package harness

/** A machine that builds run on: a folder with a home and workspaces of its own, and a label. */
class Node {
  final String name
  final Set<String> labels
  final File root
  final int executors
  boolean online = true
  private final List<String> busy = []

  Node(String name, Collection<String> labels, File root, int executors) {
    this.name = name
    this.labels = (labels + name) as Set
    this.root = root
    this.executors = executors
    home.mkdirs()
  }

  File getHome() { new File(root, 'home') }

  boolean serves(String label) { online && (!label || label in labels) }

  /** A workspace that nobody else has; null when all executors are busy. */
  synchronized File take(String job) {
    if (busy.size() >= executors) return null
    String base = job.replace('/', '_')
    String name = base
    for (int n = 2; name in busy; n++) name = "${base}@${n}"
    busy << name
    File workspace = new File(root, "workspace/${name}")
    workspace.mkdirs()
    return workspace
  }

  synchronized void give(File workspace) { busy.remove(workspace.name) }
}
