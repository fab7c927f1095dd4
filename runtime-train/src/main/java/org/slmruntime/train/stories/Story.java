package org.slmruntime.train.stories;

/**
 * A little story.
 *
 * @param request what somebody who wanted to hear it could have asked for, in one sentence
 * @param text paragraphs with an empty line between them, no line end at the end
 */
public record Story(String request, String text) {}
