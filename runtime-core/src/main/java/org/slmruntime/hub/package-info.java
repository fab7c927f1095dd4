/**
 * Models by name: {@code owner/repo[:file]} is pulled from a Hugging Face endpoint into the cache
 * folder that its Python tools use too, and found there again.
 *
 * <p>Everything that a server says is checked before it is used: names, sizes, ranges, redirects,
 * and at last the bytes against their checksum. An access token goes to the endpoint and nowhere
 * else.
 */
package org.slmruntime.hub;
