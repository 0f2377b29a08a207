// SPDX-License-Identifier: Apache-2.0
package harness

import java.nio.file.Files as JavaFiles
import java.nio.file.StandardCopyOption

/** The steps that move files about. */
class Files {
  // Its reader keeps the whole document in memory.
  private static final long JUNIT_LIMIT = 20_000_000

  private final Build build

  Files(Build build) { this.build = build }

  File existing(String name) {
    File file = new File(build.context.folder, name)
    if (!file.isFile()) throw new FileNotFoundException("${file} does not exist")
    return file
  }

  /** Paths that patterns name as Ant's do, which are Jenkins': `*` within a folder, `**` any folders. */
  private List<String> matching(String includes, String excludes) {
    File folder = build.context.folder
    List wanted = patterns(includes)
    List unwanted = patterns(excludes ?: '')
    List<String> found = []
    folder.eachFileRecurse { File file ->
      String path = folder.toPath().relativize(file.toPath())
      if (file.file && wanted.any { path ==~ it } && !unwanted.any { path ==~ it }) found << path
    }
    return found.sort()
  }

  private static List<String> patterns(String text) {
    text.split(/[,\s]+/).findAll { it }.collect { String pattern ->
      String all = pattern.endsWith('/') ? pattern + '**' : pattern
      all.replaceAll(/\*\*\/|\*\*|\*|\?|[^*?]+/) { String part ->
        [('**/'): '(?:.*/)?', ('**'): '.*', ('*'): '[^/]*', ('?'): '[^/]'][part] ?: java.util.regex.Pattern.quote(part)
      }
    }
  }

  List<Map> find(String glob, String excludes) {
    matching(glob, excludes).collect { [path: it, name: new File(it).name] }
  }

  void archive(Map a) {
    List<String> found = matching(a.artifacts.toString(), a.excludes?.toString())
    if (!found && !a.allowEmptyArchive) throw new AbortException("No artifacts found that match \"${a.artifacts}\"")
    found.each { copyFile(new File(build.context.folder, it), new File(build.archive, it)) }
    build.record(step: 'archiveArtifacts', files: found)
  }

  void stash(Map a) {
    List<String> found = matching((a.includes ?: '**').toString(), a.excludes?.toString())
    if (!found && !a.allowEmpty) throw new AbortException("No files included in stash '${a.name}'")
    File target = new File(build.controller.root, "stash/${build.job}/${build.number}/${a.name}")
    target.deleteDir()
    target.mkdirs()
    found.each { copyFile(new File(build.context.folder, it), new File(target, it)) }
    build.stashes[a.name.toString()] = target
    build.record(step: 'stash', name: a.name.toString(), files: found)
  }

  void unstash(String name) {
    File source = build.stashes[name]
    if (source == null) throw new AbortException("No such saved stash '${name}'")
    copy(source, build.context.folder)
  }

  void junit(Map a) {
    List<String> found = matching(a.testResults.toString(), null)
    if (!found && !a.allowEmptyResults) throw new AbortException('No test report files were found')
    Map totals = [cases: 0, failed: 0, skipped: 0]
    List<String> names = []
    found.each { count(new File(build.context.folder, it), totals, names) }
    if (found && !totals.cases && !a.allowEmptyResults) {
      throw new AbortException('None of the test reports contained any result')
    }
    build.record([step: 'junit', files: found, names: names] + totals)
    if (totals.failed && !a.skipMarkingBuildUnstable) build.worsen('UNSTABLE')
  }

  private static void count(File file, Map totals, List<String> names) {
    if (file.length() > JUNIT_LIMIT) throw new AbortException("${file}: too large for the junit step")
    List nodes = new XmlParser(false, false).parse(file).depthFirst()
    nodes.findAll { it instanceof groovy.util.Node && it.name() == 'testcase' }.each {
      totals.cases++
      if (it.failure || it.error) totals.failed++
      if (it.skipped) totals.skipped++
      names << "${it.'@classname'}.${it.'@name'}".toString()
    }
  }

  void copy(File source, File target) {
    source.eachFileRecurse { File file ->
      if (file.file) copyFile(file, new File(target, source.toPath().relativize(file.toPath()).toString()))
    }
  }

  private static void copyFile(File source, File target) {
    target.parentFile.mkdirs()
    JavaFiles.copy(source.toPath(), target.toPath(), StandardCopyOption.REPLACE_EXISTING,
                   StandardCopyOption.COPY_ATTRIBUTES)
  }
}
