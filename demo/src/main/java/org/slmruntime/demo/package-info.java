/**
 * The demo model: a small Llama that this project trained from nothing, on stories that it makes
 * itself. {@link org.slmruntime.demo.DemoModel} says where its file is.
 */
package org.slmruntime.demo;
