/**
 * What any backend must pass, as JUnit classes to extend: cases made here and compared with the
 * reference backend, and recorded answers of other programs where {@code shared/} is at hand.
 */
package org.slmruntime.testkit;
