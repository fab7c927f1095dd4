package org.slmruntime.hub;

import java.time.Duration;

/**
 * How long a hub is waited for, and how much is taken from it.
 *
 * @param attempts failures in a row before giving up
 * @param progress bytes that must have come for the failures before them to be forgotten
 * @param slowest longest time for so many bytes
 * @param firstWait before the second attempt; each further wait is twice as long
 * @param longestWait that a server may ask for
 * @param silence longest time in which nothing comes
 * @param answerTime longest time for an answer that is not a file
 * @param answerBytes most bytes of an answer that is not a file
 */
record HubLimits(
    int attempts,
    long progress,
    Duration slowest,
    Duration firstWait,
    Duration longestWait,
    Duration silence,
    Duration answerTime,
    int answerBytes) {
  static HubLimits defaults() {
    return new HubLimits(
        6,
        1 << 20,
        Duration.ofMinutes(5),
        Duration.ofSeconds(1),
        Duration.ofMinutes(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        8 << 20);
  }
}
