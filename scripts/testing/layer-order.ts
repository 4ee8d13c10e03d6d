import { statSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { LAYERS } from './layers.ts'

/**
 * Quick layers first, the browsers last, in one queue as far as layers run as many files at a time, so that no core waits for the last file
 * of a layer; within a layer long files first, by their size, so that what runs alone at the end is short.
 */
export default class LayerOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const keyed = files.map((file) => ({ file, layer: layerOf(file), size: statSync(file.moduleId).size }))
    keyed.sort((a, b) => a.layer - b.layer || b.size - a.size)
    return Promise.resolve(keyed.map(({ file }) => file))
  }
}

function layerOf({ project }: TestSpecification): number {
  return LAYERS.findIndex(({ name }) => name === project.name)
}
