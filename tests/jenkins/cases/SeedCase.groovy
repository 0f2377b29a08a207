// SPDX-License-Identifier: Apache-2.0
import harness.Case
import harness.JobDsl
import harness.PipelineError

/** The seed makes a job of every Jenkinsfile; the stand-in of Job DSL refuses what is not Job DSL. */
class SeedCase extends Case {
  private static final String SEED = new File(PROJECT, 'jenkins/jobs/seed.groovy').text
  private static final Map VARIABLES = [SPYRE_CI_REPOSITORY: 'https://git.test/ci', SPYRE_CI_VERSION: 'main',
                                        SPYRE_STACK_REPOSITORY: 'https://git.test/stack']

  void testAJobOfEveryJenkinsfile() {
    List jobs = JobDsl.run(SEED, VARIABLES)
    File project = PROJECT
    List files = new File(project, 'pipelines/jenkins').list().findAll { it.endsWith('.Jenkinsfile') }
    List names = files.collect { "spyre/${it - '.Jenkinsfile'}".toString() }
    assert jobs.findAll { it.kind != 'folder' }*.name.sort() == names.sort()
    jobs.findAll { it.kind == 'pipelineJob' }.each {
      assert new File(project, it['definition.cpsScm.scriptPath']).file
      assert it['definition.cpsScm.scm.git.remote.url'] == 'https://git.test/ci'
      assert it['definition.cpsScm.scm.git.branch'] == 'main'
      assert it.description
    }
  }

  void testJobsAskForAVersionThatIsThere() {
    String standard = new File(PROJECT, 'jenkins/casc/jobs.yaml').text.find(/SPYRE_CI_VERSION:-([^}]+)/) { it[1] }
    pytorch(test_a: [test_1: 'assert True'])  // a repository with the branch main and the tag v1
    [(standard): true, 'refs/tags/v1': true, 'refs/heads/main': true, 'v1': false].each { version, found ->
      List jobs = JobDsl.run(SEED, VARIABLES + [SPYRE_CI_VERSION: version]).findAll { it.kind == 'pipelineJob' }
      assert jobs
      assert jobs.every { canBeFetched(it['definition.cpsScm.scm.git.branch']) == found }
    }
  }

  void testNoStackNoJobForIt() {
    List jobs = JobDsl.run(SEED, VARIABLES + [SPYRE_STACK_REPOSITORY: ''])
    assert !jobs.any { it.kind == 'multibranchPipelineJob' }
  }

  void testWhatIsNotJobDslIsRefused() {
    refused(SEED.replace('scriptPath(', 'script('), "'definition.cpsScm.script' is unknown")
    refused(SEED.replace('pipelineJob(', 'pipeline('), "no 'pipeline'")
    refused(SEED.replace("folder('spyre')", "folder('other')"), "no folder 'spyre'")
    refused(SEED.replace('lightweight(true)', 'lightweight()'), 'takes one value')
  }

  /** As the Git plugin reads a Jenkinsfile without a workspace: what is not a full name is a branch. */
  private boolean canBeFetched(String version) {
    String ref = version.startsWith('refs/') ? version : "refs/heads/${version}"
    ['git', 'ls-remote', '--exit-code', new File(root, 'pytorch').path, ref].execute().waitFor() == 0
  }

  private static void refused(String seed, String why) {
    PipelineError refusal = null
    try {
      JobDsl.run(seed, VARIABLES)
    } catch (PipelineError thrown) {
      refusal = thrown
    }
    assert refusal?.message?.contains(why)
  }
}
