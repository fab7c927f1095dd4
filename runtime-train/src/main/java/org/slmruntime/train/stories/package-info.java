/**
 * Makes little stories for very young children, the kind of text from which a small model learns to
 * write (the idea of TinyStories, Eldan and Li, 2023; every word here is ours). {@link
 * org.slmruntime.train.stories.StoryGenerator} tells them; the words and sentences are resources: a
 * lexicon of who and what there is, and a grammar of sentence frames, from whole arcs down to
 * exclamations.
 */
package org.slmruntime.train.stories;
