// SPDX-License-Identifier: Apache-2.0
import spyre.ci.Arguments

/** From a revision to a reported result: plan, shards, report and, when asked for, the upstream relay. */
Map call(Map args = [:]) {
  Map given = Arguments.of('spyreTests', args, Arguments.PROGRAM + [
      stage: '', fraction: '', revision: 'pinned', repo: '', only: [], limit: 0, budget: '', ootConfig: [],
      manifest: '', durations: [], cards: Arguments.REQUIRED, node: 'spyre', planNode: '', lock: '', timeout: 120,
      retries: 2, history: true, relay: [:]])
  List program = Arguments.PROGRAM.keySet() as List
  String planNode = given.planNode ?: given.node
  Map plan = [:]
  Map report = [:]
  node(planNode) {
    plan = spyrePlan(Arguments.some(given, program + [
        'stage', 'fraction', 'revision', 'repo', 'only', 'limit', 'budget', 'ootConfig', 'manifest', 'durations',
        'cards']))
    if (given.relay) spyreRelay(given.relay + [status: 'in_progress'])
  }
  Exception failure = null
  try {
    spyreShards(Arguments.some(given, program + ['node', 'lock', 'timeout', 'retries', 'repo']) + [plan: plan])
  } catch (Exception thrown) {
    failure = thrown
  }
  // Also after a failure or an abort: what the other shards found is worth having. The first reason is the one told.
  node(planNode) {
    try {
      report = spyreReport(Arguments.some(given, program + ['history']) + [plan: plan])
    } catch (Exception thrown) {
      if (failure) echo(thrown.message)
      failure = failure ?: thrown
    }
    if (given.relay) spyreRelay(given.relay + [status: 'completed'] + outcome(report))
  }
  if (failure) throw failure
  return report
}

/** What the relay is told; without a report there are no results, but there is an end, and no test failed. */
private Map outcome(Map report) {
  return report.runDirs ? [from: report.runDirs] : [conclusion: 'cancelled']
}
