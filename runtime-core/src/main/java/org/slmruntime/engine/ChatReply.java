package org.slmruntime.engine;

/**
 * An answer.
 *
 * @param message to be appended to the conversation
 * @param result tokens, timing and why it ended
 */
public record ChatReply(Message message, GenerationResult result) {}
