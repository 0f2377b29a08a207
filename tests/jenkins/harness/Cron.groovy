// SPDX-License-Identifier: Apache-2.0
package harness

/** `H 2 * * *`: five fields, with H for a time that the controller spreads. */
class Cron {
  private static final List RANGES = [0..59, 0..23, 1..31, 1..12, 0..7]

  static void check(String text) {
    List lines = text.readLines()*.trim().findAll { it && !it.startsWith('#') && !it.startsWith('TZ=') }
    if (!lines) throw new PipelineError("cron '${text}' is empty")
    lines.each { String line ->
      List fields = line.tokenize(' ')
      if (fields.size() != 5) throw new PipelineError("cron '${line}' has ${fields.size()} fields, not 5")
      fields.eachWithIndex { String field, int i -> field.tokenize(',').each { part(line, it, RANGES[i]) } }
    }
  }

  private static void part(String line, String part, IntRange range) {
    def m = part =~ /^(?:\*|H(?:\((\d+)-(\d+)\))?|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/
    if (!m.matches()) throw new PipelineError("cron '${line}': '${part}' is no field")
    [m.group(1), m.group(2), m.group(3), m.group(4)].findAll { it != null }.each {
      if (it.toInteger() in range) return
      throw new PipelineError("cron '${line}': ${it} is not from ${range.from} to ${range.to}")
    }
  }
}
