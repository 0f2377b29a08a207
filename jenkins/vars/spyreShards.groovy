// SPDX-License-Identifier: Apache-2.0
import spyre.ci.Arguments
import spyre.ci.Cards
import spyre.ci.Program

/** Runs the shards of a plan in parallel branches, each on a node of its own. */
void call(Map args = [:]) {
  Map given = Arguments.of('spyreShards', args, Arguments.PROGRAM + [
      plan: Arguments.REQUIRED, node: 'spyre', lock: '', timeout: 120, retries: 2, repo: ''])
  Map branches = [:]
  for (shard in given.plan.shards) {
    Map mine = shard  // a variable of its own: the branch runs when the loop has long moved on
    branches["shard ${mine.index}".toString()] = { runUntilNodeStays(mine, given) }
  }
  parallel(branches)
}

/** A node can be lost; another one then gets exactly the same shard of the same plan. */
private void runUntilNodeStays(Map shard, Map given) {
  int attempt = 0
  retry(count: given.retries + 1, conditions: [agent(), nonresumable()]) {
    attempt++
    String runDir = "${Program.FOLDER}/shard-${shard.index}.${attempt}"
    node(given.node) {
      onLockedCards(shard, given) { String cards ->
        timeout(time: given.timeout, unit: 'MINUTES') { runShard(shard, given, runDir, cards) }
      }
    }
  }
}

/** With a lock, the shard gets the cards that were locked, and no other; waiting for them is not its time. */
private void onLockedCards(Map shard, Map given, Closure body) {
  if (!given.lock) {
    body(Cards.ofShard(given.plan.kind, shard.cards))
    return
  }
  // Every argument is given: without a quantity the plugin would lock all cards there are.
  lock(label: "${given.lock}-${env.NODE_NAME}", quantity: shard.cards, variable: 'SPYRE_LOCKED', resource: null) {
    withEnv(["PCIDEVICE_IBM_COM_AIU_PF=${Cards.addresses(env.SPYRE_LOCKED)}"]) { body('env') }
  }
}

private void runShard(Map shard, Map given, String runDir, String cards) {
  unstash('spyre-ci-plan')
  dir(runDir) { deleteDir() }  // of an earlier build in the same workspace
  Program program = new Program(this, given)
  List words = ['exec'] + Program.flags(repo: given.repo, plan: "${Program.FOLDER}/plan.json", cards: cards,
                                        'run-dir': runDir) + ['--shard', shard.index]
  int code
  try {
    code = program.run("shard ${shard.index}", words)
  } catch (Exception interruption) {
    publishWhatThereIs(runDir, shard)
    throw interruption
  }
  publish(runDir, shard, code != 0)
  program.settle(code, "shard ${shard.index}")
}

/** In the branch, so that Jenkins knows which branch a test ran in. */
private void publish(String runDir, Map shard, boolean mayBeEmpty) {
  String all = "${runDir}/**"
  String ours = "${runDir}/worker/**, ${runDir}/lock"
  archiveArtifacts(artifacts: all, excludes: ours, allowEmptyArchive: mayBeEmpty)
  stash(name: "spyre-ci-shard-${shard.index}", includes: all, excludes: ours, allowEmpty: mayBeEmpty)
  junit(testResults: "${runDir}/junit/*.xml", allowEmptyResults: mayBeEmpty)
}

/** After an abort or a time-out the program has written all it knew. After the loss of a node there is no workspace. */
private void publishWhatThereIs(String runDir, Map shard) {
  try {
    publish(runDir, shard, true)
  } catch (Exception none) {
    echo("shard ${shard.index}: nothing could be published: ${none.message}")
  }
}
