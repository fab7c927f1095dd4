package org.slmruntime.tokenizer.chat;

import java.util.Map;

/** The one object whose attributes a template may set. */
record Namespace(Map<Object, Object> attributes) {}
