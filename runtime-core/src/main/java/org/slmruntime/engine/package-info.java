/**
 * The public face: open a model, generate, stream, chat, close. One thread per model runs steps
 * over the ragged batch of all requests in progress.
 */
package org.slmruntime.engine;
