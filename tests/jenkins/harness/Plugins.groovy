// SPDX-License-Identifier: Apache-2.0
package harness

/** Which plugin brings what our Groovy and the configuration as code use. A name of two plugins needs both. */
class Plugins {
  /** Jenkins itself. */
  static final String CORE = 'core'

  private static final Map<String, List<String>> BRING = [
      (CORE): ['booleanParam', 'buildDiscarder', 'choice', 'cron', 'jenkins', 'logRotator', 'pollSCM', 'string', 'text',
               'upstream'],
      'cloudbees-folder': ['folder', 'periodicFolderTrigger'],
      'configuration-as-code': ['jenkins', 'unclassified'],
      git: ['git'],
      'job-dsl': ['branch', 'branchSources', 'cpsScm', 'definition', 'description', 'disabled', 'discardOldItems',
                  'displayName', 'factory', 'folder', 'id', 'interval', 'jobs', 'lightweight', 'multibranchPipelineJob',
                  'numToKeep', 'orphanedItemStrategy', 'pipelineJob', 'queue', 'remote', 'scm', 'scriptPath', 'url',
                  'workflowBranchProjectFactory'],
      junit: ['junit'],
      'lockable-resources': ['lock', 'lockableResourcesManager'],
      mailer: ['mail'],
      'pipeline-utility-steps': ['findFiles', 'nodesByLabel', 'readJSON'],
      timestamper: ['timestamps'],
      'workflow-aggregator': [
          'Library', 'agent', 'allOf', 'anyOf', 'beforeAgent', 'branch', 'build', 'changeRequest', 'checkout',
          'disableConcurrentBuilds', 'disableResume', 'durabilityHint', 'environment', 'expression', 'failFast', 'file',
          'globalLibraries', 'label', 'multibranchPipelineJob', 'not', 'options', 'parallel', 'parameters', 'pipeline',
          'pipelineJob', 'post', 'preserveStashes', 'script', 'skipDefaultCheckout', 'stage', 'stages', 'steps',
          'string', 'triggers', 'usernamePassword', 'when', 'withCredentials'] + Declarative.postConditions,
      'workflow-basic-steps': [
          'archiveArtifacts', 'catchError', 'deleteDir', 'dir', 'echo', 'error', 'fileExists', 'mail', 'nonresumable',
          'pwd', 'readFile', 'retry', 'sleep', 'stash', 'timeout', 'unstable', 'unstash', 'withEnv', 'writeFile'],
      'workflow-durable-task-step': ['agent', 'node', 'sh']]

  static List<String> owners(String name) { BRING.findAll { plugin, names -> name in names }.keySet() as List }

  /** `id:version` of a plugins.txt, by id. */
  static Map<String, String> read(String text) {
    List lines = text.readLines().findAll { it && !it.startsWith('#') }
    lines.each { if (!(it ==~ /[a-z][a-z-]*:\d+(\.\d+)*(\.v[0-9a-f_]+)?/)) throw new PipelineError("plugins.txt: '${it}'") }
    Map found = lines.collectEntries { it.tokenize(':') }
    if (found.size() != lines.size()) throw new PipelineError('plugins.txt: a plugin is there twice')
    return found
  }

  /** What is wrong with `installed` plugins when these names are `used`. */
  static List<String> problems(Collection<String> used, Collection<String> installed) {
    List found = used.findAll { !owners(it) }.collect { "no plugin is known to bring '${it}'" }
    Set needed = used.collectMany { owners(it) } as Set
    found += (needed - installed - CORE).collect { plugin -> "${plugin} is missing: ${BRING[plugin].findAll { it in used }}" }
    found += (installed - needed).collect { "nothing needs ${it}" }
    return found*.toString().sort()
  }
}
