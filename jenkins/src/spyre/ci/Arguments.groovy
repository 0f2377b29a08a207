// SPDX-License-Identifier: Apache-2.0
package spyre.ci

import com.cloudbees.groovy.cps.NonCPS

/** What a step was called with: an unknown name is an error, because a misspelt option would silently not count. */
class Arguments implements Serializable {
  private static final long serialVersionUID = 1L

  /** In place of a default: the caller has to give it. */
  static final String REQUIRED = '<required>'

  /** How the program is called; every step takes these. */
  static final Map PROGRAM = [program: 'spyre-ci', config: '', settings: []].asImmutable()

  /** The defaults of `known`, overwritten by what was given. */
  @NonCPS
  static Map of(String step, Map given, Map known) {
    for (entry in given) {
      if (!known.containsKey(entry.key)) {
        throw new IllegalArgumentException(
            "${step}: unknown argument '${entry.key}'${suggestion(entry.key as String, known.keySet())}")
      }
      String wanted = kind(known[entry.key])
      if (known[entry.key] != REQUIRED && entry.value != null && kind(entry.value) != wanted) {
        throw new IllegalArgumentException(
            "${step}: ${entry.key} must be a ${wanted}, not the ${kind(entry.value)} '${entry.value}'")
      }
    }
    Map all = [:]
    for (entry in known) {
      all[entry.key] = given[entry.key] != null ? given[entry.key] : entry.value
      if (all[entry.key] == REQUIRED) throw new IllegalArgumentException("${step}: ${entry.key} is missing")
    }
    return all
  }

  /** Those of `arguments` that are named, for a step that takes fewer. */
  @NonCPS
  static Map some(Map arguments, List names) {
    Map chosen = [:]
    for (name in names) chosen[name] = arguments[name]
    return chosen
  }

  @NonCPS
  private static String kind(Object value) {
    if (value instanceof CharSequence) return 'text'
    if (value instanceof Boolean) return 'true or false'
    if (value instanceof Number) return 'number'
    if (value instanceof List) return 'list'
    return value instanceof Map ? 'map' : 'thing of another kind'
  }

  @NonCPS
  private static String suggestion(String name, Collection known) {
    String nearest = null
    int least = 4
    for (other in known) {
      int distance = editDistance(name.toLowerCase(), (other as String).toLowerCase())
      if (distance < least) {
        least = distance
        nearest = other
      }
    }
    return nearest ? "; did you mean '${nearest}'?" : "; there are: ${known.join(', ')}"
  }

  @NonCPS
  private static int editDistance(String a, String b) {
    List row = (0..b.length()).toList()
    for (int i = 1; i <= a.length(); i++) {
      List next = [i]
      for (int j = 1; j <= b.length(); j++) {
        int changed = row[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1)
        next << Math.min(changed, Math.min(row[j], next[j - 1]) + 1)
      }
      row = next
    }
    return row[b.length()]
  }
}
