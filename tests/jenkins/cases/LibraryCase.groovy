// SPDX-License-Identifier: Apache-2.0
import harness.Build
import harness.Case

/** The single steps of the library: what they take, refuse and hand on. */
class LibraryCase extends Case {
  private static final String LINK = '--build-url http://jenkins.test/job/job/1/'

  void setUp() {
    super.setUp()
    controller.addNode('one', labels: ['spyre'])
  }

  void testAnUnknownArgumentIsAnErrorWithASuggestion() {
    assert refusal("spyreTests(stage: '1', card: 'cpu:2')") ==
        "spyreTests: unknown argument 'card'; did you mean 'cards'?"
    assert refusal("spyreShards(plan: [shards: []], retrys: 1)") ==
        "spyreShards: unknown argument 'retrys'; did you mean 'retries'?"
    assert refusal("spyreNotify(recipients: 'x')") == "spyreNotify: unknown argument 'recipients'; there are: to"
  }

  void testAMissingOrMistypedArgumentIsAnError() {
    assert refusal("spyrePlan(stage: '1')") == 'spyrePlan: cards is missing'
    assert refusal("spyreTests(cards: 'cpu:2', timeout: 'soon')").contains("must be a number, not the text 'soon'")
    assert refusal("spyreTests(cards: 'cpu:2', only: 'test_a')").contains("must be a list, not the text 'test_a'")
  }

  void testNoCardsAreNoPlan() {
    ['cpu:0', '4', 'cpu', 'gpu:2', 'cpu:-1', ''].each {
      assert refusal("node('one') { spyrePlan(stage: '1', cards: '${it}') }").startsWith("cards '${it}': write KIND:N")
    }
  }

  void testCheckoutGivesTheCommit() {
    pytorch(test_a: [test_1: 'assert True'])
    Build build = run("node('one') { echo(spyreCheckout(revision: 'main', into: 'tree')) }")
    assert build.result == 'SUCCESS'
    assert build.log[-1] ==~ /[0-9a-f]{40}/
    assert new File(controller.nodes[0].root, 'workspace/job/tree/test/test_a.py').file
  }

  void testCheckoutOfNoRevisionFails() {
    pytorch(test_a: [test_1: 'assert True'])
    Build build = run("node('one') { spyreCheckout(revision: 'no-such-branch') }")
    assert build.result == 'FAILURE'
    assert build.failure.message.startsWith('check out no-such-branch: ')
  }

  void testAMissingProgramIsToldAsSuch() {
    pytorch(test_a: [test_1: 'assert True'])
    assert refusal("node('one') { spyreCheckout(program: '/no/such/program') }").contains('install spyre-ci')
  }

  void testWordsReachTheProgramAsTheyAre() {
    standIn('odd')
    run("node('one') { spyreRelay(program: 'odd', status: 'completed', jobName: \"a'b \\\$HOME\", from: ['x y']) }")
    assert calls == ["odd relay send --status completed --from x y ${LINK} --wait 5m --job-name a'b \$HOME"]
  }

  void testTheRelayIsToldWhenTestsStartAndEnd() {
    pytorch(test_a: [test_1: 'assert True'])
    relayStandIn('exit 0')
    Build build = run("""spyreTests(fraction: '1', cards: 'cpu:1',
      relay: [dispatch: 'dispatch.json', url: 'http://relay.test', runId: '7', tokenFile: '/run/token'])""")
    assert build.result == 'SUCCESS'
    String rest = "${LINK} --wait 5m --run-id 7 --token-file /run/token"
    String start = 'spyre-ci relay send --url http://relay.test --dispatch dispatch.json'
    assert calls[0] == "${start} --status in_progress ${rest}"
    assert calls[1] == "${start} --status completed --from spyre-ci/shard-0.1 ${rest}"
    assert calls.size() == 2
  }

  void testTheRelayHearsOfAnEndWithoutResults() {
    pytorch(test_a: [test_1: 'assert True'])
    relayStandIn('exit 0')
    Build build = run("spyreTests(fraction: '1', cards: 'vfio:1', relay: [url: 'http://relay.test'])")
    assert build.result == 'FAILURE'
    assert calls*.find(/--(status \w+|conclusion \w+)/) == ['--status in_progress', '--status completed']
    assert calls[1].contains('--conclusion cancelled')
  }

  void testANightlyJobHasButAnEnd() {
    standIn('odd', 'exit 1')
    Build build = run("node('one') { spyreRelay(program: 'odd', nightly: 'abc', from: ['run']) }")
    assert calls == ["odd relay send --nightly abc --status completed --from run ${LINK} --wait 5m"]
    assert build.log[-1] == 'WARNING: relay: completed was refused (exit code 1)'
  }

  void testABrokenRelayLeavesTheResultAlone() {
    pytorch(test_a: [test_1: 'assert True'])
    relayStandIn('exit 3')
    Build build = run("spyreTests(fraction: '1', cards: 'cpu:1', relay: [url: 'http://relay.test'])")
    assert build.result == 'SUCCESS'
    assert build.log.count { it.startsWith('WARNING: relay: ') && it.contains('not delivered yet') } == 2
  }

  void testASilentShardFailsTheReport() {
    pytorch(test_a: [test_1: 'assert True'], test_b: [test_2: 'assert True'])
    Build build = run("""
      Map plan = [:]
      node('one') { plan = spyrePlan(fraction: '1', cards: 'cpu:2') }
      spyreShards(plan: plan + [shards: plan.shards.take(1)])
      node('one') { spyreReport(plan: plan) }""")
    assert build.result == 'FAILURE'
    assert build.failure.message == 'report: no result of shard 1'
  }

  void testALockedThingThatIsNoCardIsAnError() {
    pytorch(test_a: [test_1: 'assert True'])
    controller.addResource('printer', 'spyre-one')
    Build build = run("spyreTests(fraction: '1', cards: 'vfio:1', lock: 'spyre')")
    assert build.result == 'FAILURE'
    assert build.failure.message.contains("'printer' names no card")
  }

  void testMailsTellOfTroubleAndItsEnd() {
    ['ok', 'unstable("x")', 'unstable("x")', 'ok', 'ok'].each {
      run("node('one') { ${it == 'ok' ? 'echo "fine"' : it} }\nspyreNotify(to: 'team@example.org')")
    }
    assert builds*.did('mail')*.subject == [[], ['job #2: UNSTABLE'], ['job #3: UNSTABLE'], ['job #4: SUCCESS'], []]
  }

  private String refusal(String pipeline) {
    Build build = run(pipeline)
    assert build.result == 'FAILURE'
    return build.failure.message
  }
}
