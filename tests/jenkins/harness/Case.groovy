// SPDX-License-Identifier: Apache-2.0
package harness

import java.nio.file.Files as JavaFiles

/** A test with a controller of its own, the real program on its PATH, and a small PyTorch to run tests of. */
abstract class Case {
  static final File PROJECT = new File(System.getProperty('spyre.project'))
  static final File PROGRAM = new File(System.getProperty('spyre.program'))

  final List<Build> builds = []
  File root
  File bin
  Controller controller

  void setUp() {
    root = JavaFiles.createTempDirectory('spyre-ci-jenkins-').toFile()
    bin = new File(root, 'bin')
    bin.mkdirs()
    JavaFiles.createSymbolicLink(new File(bin, 'spyre-ci').toPath(), PROGRAM.toPath())
    File config = new File(root, 'spyre-ci.yaml')
    config.text = """pytorch: {repo: ${root}/pytorch, pinned: v1, main: main}
python: {executable: /usr/bin/python3, preload: []}
execute: {grace: 1s}
cards: {leases: ${root}/leases}
"""
    controller = new Controller(root, new File(PROJECT, 'jenkins'), [
        PATH: "${bin}:/usr/bin:/bin".toString(), LANG: 'C.UTF-8', SPYRE_CI_CONFIG: config.path])
    controller.minute = 60_000
  }

  void checkEnd() {
    List left = controller.leftProcesses()
    assert !left: "processes are left: ${left.collect { new File("/proc/${it}/cmdline").text.replace('\0', ' ') }}"
  }

  void tearDown() {
    Processes.signal('KILL', controller.leftProcesses())
    root.deleteDir()
  }

  Build run(Map options = [:], jenkinsfile) {
    Build build = controller.start(options, jenkinsfile instanceof File ? jenkinsfile.text : jenkinsfile.toString())
    builds << build
    return build.await()
  }

  /** A repository that counts as PyTorch's, with these test files: name → lines of the bodies of test functions. */
  void pytorch(Map<String, Map<String, String>> files) {
    File tree = new File(root, 'pytorch')
    new File(tree, 'torch').mkdirs()
    new File(tree, 'torch/__init__.py').text = ''
    files.each { file, tests ->
      File target = new File(tree, "test/${file}.py")
      target.parentFile.mkdirs()
      List functions = tests.collect { name, body -> "def ${name}():\n    ${body}\n" }
      target.text = 'import os\nimport time\n\n\n' + functions.join('\n\n')
    }
    git(tree, 'init', '-q', '-b', 'main')
    git(tree, 'add', '-A')
    git(tree, '-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', 'commit', '-q', '-m', 'one')
    git(tree, 'tag', 'v1')
  }

  static void git(File folder, String... words) {
    Process process = (['git', '-c', 'commit.gpgsign=false'] + (words as List)).execute(null as List, folder)
    process.waitFor()
    assert process.exitValue() == 0: process.err.text
  }

  /** Another program in place of one that is not to be had here; it leaves its command lines in calls.txt. */
  void standIn(String name, String body = '') {
    File file = new File(bin, name)
    JavaFiles.deleteIfExists(file.toPath())
    file.text = "#!/bin/sh\nprintf '%s\\n' \"${name} \$*\" >>'${root}/calls.txt'\n${body}\n"
    file.setExecutable(true)
  }

  /** The relay is not called from tests: a stand-in for that one command, the real program for all others. */
  void relayStandIn(String end = 'exit 0') {
    standIn('spyre-ci', end)
    File file = new File(bin, 'spyre-ci')
    String others = "case \"\$1\" in relay) ;; *) exec ${PROGRAM} \"\$@\";; esac"
    file.text = file.text.replace('#!/bin/sh\n', "#!/bin/sh\n${others}\n")
  }

  List<String> getCalls() {
    File file = new File(root, 'calls.txt')
    return file.exists() ? file.readLines() : []
  }

  /** Waits for what another process does; it is never waited for in vain. */
  static void eventually(String what, Closure<Boolean> condition) {
    long end = System.nanoTime() + 60_000_000_000L
    while (!condition()) {
      if (System.nanoTime() > end) throw new IllegalStateException("in vain: ${what}")
      Thread.sleep(20)
    }
  }
}
