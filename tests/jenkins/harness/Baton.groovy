// SPDX-License-Identifier: Apache-2.0
package harness

import java.util.concurrent.locks.ReentrantLock

/**
 * A pipeline's Groovy runs on one thread; only what steps wait for is parallel. Here every branch has a thread, and
 * only the one with the baton computes.
 */
class Baton {
  private final ReentrantLock lock = new ReentrantLock(true)

  def held(Closure work) {
    lock.lock()
    try {
      return work()
    } finally {
      lock.unlock()
    }
  }

  /** Lets others compute while this branch waits. */
  def released(Closure wait) {
    int depth = lock.holdCount
    depth.times { lock.unlock() }
    try {
      return wait()
    } finally {
      depth.times { lock.lock() }
    }
  }
}
