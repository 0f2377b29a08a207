// SPDX-License-Identifier: Apache-2.0
import com.cloudbees.groovy.cps.NonCPS
import spyre.ci.Arguments
import spyre.ci.Cards
import spyre.ci.Program

/** Selects the tests of a stage, deals them to the cards, and stashes the plan for `spyreShards`. */
Map call(Map args = [:]) {
  Map given = Arguments.of('spyrePlan', args, Arguments.PROGRAM + [
      stage: '', fraction: '', revision: 'pinned', repo: '', only: [], limit: 0, budget: '', ootConfig: [],
      manifest: '', durations: [], cards: Arguments.REQUIRED])
  Map cards = Cards.parse(given.cards as String)
  Program program = new Program(this, given)
  String selection = "${Program.FOLDER}/selection.json"

  sh(label: 'folder', script: "mkdir -p ${Program.FOLDER}")
  program.require(program.run('select', ['select'] + Program.flags(
      rev: given.revision, repo: given.repo, stage: given.stage, fraction: given.fraction, only: given.only,
      limit: given.limit, manifest: given.manifest, 'oot-config': given.ootConfig, out: selection)), 'select')
  Object plan = program.document('plan', ['plan'] + Program.flags(
      selection: selection, cards: cards.count, budget: given.budget, durations: given.durations), 'plan')

  archiveArtifacts(artifacts: "${Program.FOLDER}/*.json")
  stash(name: 'spyre-ci-plan', includes: "${Program.FOLDER}/plan.json")
  List shards = shardsWithWork(plan)
  if (!shards) error('plan: not one test was dealt to a card, so nothing would be tested')
  return [revision: plan.revision as String, kind: cards.kind, shards: shards]
}

/** More cards than work leave shards without a batch: they get no branch. */
@NonCPS
private List shardsWithWork(Object plan) {
  List shards = []
  for (shard in plan.shards) {
    if (shard.batches) shards << [index: shard.index as int, cards: (shard.cards ?: 1) as int]
  }
  return shards
}
