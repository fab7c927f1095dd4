package org.slmruntime.tokenizer.chat;

import java.util.List;

/**
 * What a dict's keys, values and items methods give. A template cannot change a dict, so a copy is
 * as good as a view.
 *
 * @param kind Python's name of the type, as dict_keys
 */
record DictView(String kind, List<Object> items) {}
