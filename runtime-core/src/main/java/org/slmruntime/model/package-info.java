/**
 * From a model file to a graph: one package per family, each saying only what is particular to it;
 * shared blocks are in {@link org.slmruntime.model.block}.
 */
package org.slmruntime.model;
