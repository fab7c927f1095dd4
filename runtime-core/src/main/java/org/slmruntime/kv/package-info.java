/** Cache blocks as counts and ids, without a device, so that every invariant can be tested. */
package org.slmruntime.kv;
