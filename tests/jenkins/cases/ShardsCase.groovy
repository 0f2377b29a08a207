// SPDX-License-Identifier: Apache-2.0
import harness.Build
import harness.Case
import harness.Node
import harness.Processes
import harness.Shell

/** `spyreTests` with the real program on a small tree, in everything that can become of it. */
class ShardsCase extends Case {
  private static final String PASSES = 'assert True'
  private static final String FAILS = 'assert 1 == 2, "one is not two"'
  private static final String HANGS = 'time.sleep(600)'

  private static String five(String more = '') {
    "@Library('spyre-ci') _\nspyreTests(fraction: '1', revision: 'pinned', cards: 'cpu:2'${more})\n"
  }

  void setUp() {
    super.setUp()
    controller.addNode('one', labels: ['spyre'])
    controller.addNode('two', labels: ['spyre'])
  }

  void testAllPass() {
    pytorch(test_a: [test_1: PASSES, test_2: PASSES], test_b: [test_3: PASSES])
    Build build = run(five())
    assert build.result == 'SUCCESS'
    assert build.did('junit')*.branch.sort() == ['shard 0', 'shard 1']
    List names = ['test.test_a.test_1', 'test.test_a.test_2', 'test.test_b.test_3']
    assert build.did('junit')*.names.flatten().sort() == names
    assert build.description.endsWith('3 of 3 passed, 0 failed, 0 not run')
    assert new File(build.archive, 'spyre-ci/summary.json').file
    assert new File(build.archive, 'spyre-ci/shard-1.1/journal.jsonl').file
  }

  void testFailedTestsMakeTheBuildUnstable() {
    pytorch(test_a: [test_1: FAILS], test_b: [test_2: PASSES])
    Build build = run(five())
    assert build.result == 'UNSTABLE'
    assert build.failure == null
    assert build.did('junit')*.failed.sum() == 1
    assert build.description.endsWith('1 of 2 passed, 1 failed, 0 not run')
  }

  void testWhatIsOverTheBudgetMakesTheBuildUnstable() {
    pytorch(test_a: [test_1: 'time.sleep(9)', test_2: 'time.sleep(9)'])
    Build build = run(five(", budget: '8s'").replace('cpu:2', 'cpu:1'))
    assert build.result == 'UNSTABLE'
    assert build.failure == null
    assert build.did('junit')*.failed.sum() == 0
    assert build.description.endsWith('1 of 2 passed, 0 failed, 1 not run')
  }

  void testWhatCouldNotBeRunFailsTheBuildAndTheOtherShardsAreReported() {
    pytorch(test_a: [test_1: PASSES], test_b: [test_2: PASSES])
    standIn('broken-python', 'case $* in */shard-0.1/*) exit 7;; esac; exec /usr/bin/python3 "$@"')
    Build build = run(five(", settings: ['python.executable=${bin}/broken-python']"))
    assert build.result == 'FAILURE'
    assert build.failure.message.contains('the infrastructure failed: something could not be run (exit code 3)')
    assert new File(build.archive, 'spyre-ci/summary.json').file
  }

  void testNothingSelectedIsNotGreen() {
    pytorch(test_a: [test_1: PASSES])
    Build build = run(five(", only: ['test/nothing_like_this.py']"))
    assert build.result == 'FAILURE'
    assert build.failure.message.contains('nothing was selected')
    assert !build.did('junit')
  }

  void testAFailingPlanRunsNoShard() {
    pytorch(test_a: [test_1: PASSES])
    Build build = run(five(", budget: 'soon'"))
    assert build.result == 'FAILURE'
    assert build.failure.message.startsWith('plan: wrong use')
    assert !build.did('sh').any { it.script.contains(' exec ') && it.script.contains('--shard') }
  }

  void testMoreCardsThanTests() {
    pytorch(test_a: [test_1: PASSES])
    Build build = run(five().replace('cpu:2', 'cpu:9'))
    assert build.result == 'SUCCESS'
    assert build.did('junit')*.branch == ['shard 0']
  }

  void testALostNodeGivesTheSameShardToAnotherNode() {
    File hold = new File(root, 'hold')
    hold.text = ''
    pytorch(test_a: [test_1: "while os.path.exists('${hold}'): time.sleep(0.05)"],
            test_b: [test_2: PASSES])
    controller.addNode('three', labels: ['spyre'])
    Node lost = null
    controller.onShell = { Build build, Shell shell, Node node, String script ->
      if (!script.contains('--shard 0') || lost) return
      lost = node
      eventually('the shard runs') { journalOf(node, 'shard-0.1') }
      build.lose(node)
      hold.delete()
    }
    Build build = run(five())
    assert lost != null
    assert build.result == 'SUCCESS'
    assert build.did('retry')*.branch == ['shard 0']
    List calls = build.did('sh').findAll { it.script.contains('--shard 0') }
    assert calls.size() == 2
    assert calls[0].node == lost.name && calls[1].node != lost.name
    assert calls[0].script.replace('shard-0.1', 'DIR') == calls[1].script.replace('shard-0.2', 'DIR')
    assert build.did('junit')*.names.flatten().sort() == ['test.test_a.test_1', 'test.test_b.test_2']
    assert new File(build.archive, 'spyre-ci/shard-0.2/journal.jsonl').file
  }

  void testAfterTooManyLostNodesTheBuildFails() {
    pytorch(test_a: [test_1: HANGS])
    controller.onShell = { Build build, Shell shell, Node node, String script ->
      if (script.contains('--shard')) build.lose(node)
    }
    controller.addNode('plans', labels: ['plans'])
    Build build = run(five(", retries: 1, planNode: 'plans'").replace('cpu:2', 'cpu:1'))
    assert build.result == 'ABORTED'
    assert build.did('retry').size() == 1
    assert build.log.any { it.contains('not one shard left a result') }
  }

  void testAnAbortEndsTheTestsAndKeepsWhatIsKnown() {
    pytorch(test_a: [test_1: PASSES, test_2: HANGS], test_b: [test_3: HANGS])
    controller.onShell = { Build build, Shell shell, Node node, String script ->
      if (!script.contains('--shard 0')) return
      eventually('the shard runs') { journalOf(node, 'shard-0.1')?.contains('started') }
      build.abort()
    }
    Build build = run(five())
    assert build.result == 'ABORTED'
    assert build.log.any { it.contains('TERM') || it.contains('interrupted') }
    assert build.did('junit')*.branch.toSet() == ['shard 0', 'shard 1'].toSet()
    assert new File(build.archive, 'spyre-ci/shard-0.1/summary.json').file
  }

  void testATimeoutEndsTheShard() {
    controller.minute = 2000
    pytorch(test_a: [test_1: HANGS])
    Build build = run(five(', timeout: 1').replace('cpu:2', 'cpu:1'))
    assert build.result == 'ABORTED'
    assert new File(build.archive, 'spyre-ci/shard-0.1/summary.json').file
  }

  void testAHangUpDoesNotReachTheProgram() {
    File hold = new File(root, 'hold')
    hold.text = ''
    pytorch(test_a: [test_1: "while os.path.exists('${hold}'): time.sleep(0.05)"])
    List program = []
    controller.onShell = { Build build, Shell shell, Node node, String script ->
      if (!script.contains('--shard')) return
      eventually('the shard runs') { journalOf(node, 'shard-0.1') }
      program = Processes.carrying('JENKINS_SERVER_COOKIE', shell.cookie).findAll { commandOf(it).contains('spyre-ci') }
      ['HUP', 'QUIT'].each { Processes.signal(it, program) }
      hold.delete()
    }
    Build build = run(five().replace('cpu:2', 'cpu:1'))
    assert program
    assert build.result == 'SUCCESS'
  }

  void testLocksGiveEachShardItsCards() {
    pytorch(test_a: [test_1: PASSES], test_b: [test_2: PASSES])
    // Different addresses: the two nodes are one machine here, where a card has one user at a time.
    Map cards = [one: 'one@0000:1a:00.0', two: 'two@0000:1b:00.0']
    cards.each { String node, String card -> controller.addResource(card, "spyre-${node}") }
    Build build = run(five(", lock: 'spyre'"))
    assert build.did('lock')*.resources.flatten().sort() == cards.values().sort()
    assert build.did('sh').findAll { it.script.contains('--shard') }.every { it.script.contains('--cards env') }
    assert build.result == 'SUCCESS'
    assert !controller.resources.values().any { it.heldBy }
  }

  private static String journalOf(Node node, String runDir) {
    File journal = new File(node.root, "workspace/job/spyre-ci/${runDir}/journal.jsonl")
    return journal.file && journal.text ? journal.text : null
  }

  private static String commandOf(long pid) {
    File file = new File("/proc/${pid}/cmdline")
    return file.exists() ? file.text : ''
  }
}
