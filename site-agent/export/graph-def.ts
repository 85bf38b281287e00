import { typeName, type AttrValue } from './graph-op.js';
import { KERNEL_RULES } from './kernel-rules.js';
import {
  nodesInOrder,
  type ConstantValues,
  type InputNode,
  type RecordedGraph,
  type RecordedNode,
  type ValueType,
} from './recorded-graph.js';

interface ShapeDef {
  readonly dim: readonly { readonly size: string }[];
}

/** One node of a TensorFlow graph as JSON (tensorflow/core/framework/node_def.proto). */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue | { readonly shape: ShapeDef }>>;
}

/** A constant's place in the weights of the model: name, shape and type as in its node. */
export interface GraphWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: ConstantValues;
}

interface TensorDef {
  readonly name: string;
  readonly dtype: string;
  readonly tensorShape: ShapeDef;
}

export interface GraphDef {
  readonly nodes: readonly NodeDef[];
  readonly weights: readonly GraphWeight[];
  readonly signature: {
    readonly inputs: Readonly<Record<string, TensorDef>>;
    readonly outputs: Readonly<Record<string, TensorDef>>;
  };
}

/** Node names are made unique by a number behind them. */
class Names {
  readonly #used = new Map<string, number>();
  unique(wish: string): string {
    const uses = this.#used.get(wish) ?? 0;
    this.#used.set(wish, uses + 1);
    return uses === 0 ? wish : this.unique(`${wish}_${uses}`);
  }
}

/**
 * A recorded computation as a TensorFlow graph. The first side of inputs and outputs is the batch, of any size; outputs
 * are nodes of their own, `Identity` under the output's name.
 */
export function graphDef(graph: RecordedGraph): GraphDef {
  const names = new Names();
  const nodes: NodeDef[] = [];
  const weights: GraphWeight[] = [];
  const nameOf = new Map<RecordedNode, string>();
  /** Small constants that many ops take: axes, sizes, shapes. */
  const shared = new Map<string, string>();
  for (const name of Object.keys(graph.outputs)) names.unique(name);

  const addConstant = (wish: string, values: ConstantValues, shape: readonly number[]): string => {
    const name = names.unique(wish);
    const dtype =
      values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'bool';
    weights.push({ name, shape, dtype, values });
    nodes.push({ name, op: 'Const', attr: { dtype: { type: typeName(dtype) } } });
    return name;
  };
  const addInput = (input: { values: ConstantValues; shape: readonly number[] }): string => {
    const key = `${input.values.constructor.name}[${input.shape.join()}]${input.values.join()}`;
    const known = shared.get(key) ?? addConstant('constant', input.values, input.shape);
    shared.set(key, known);
    return known;
  };
  for (const { node, shape } of graph.inputs) {
    const name = names.unique((node as InputNode).name);
    const attr = { dtype: { type: 'DT_FLOAT' }, shape: { shape: openShape(shape) } };
    nodes.push({ name, op: 'Placeholder', attr });
    nameOf.set(node, name);
  }

  for (const node of nodesInOrder(graph)) {
    if (node.kind === 'constant') {
      nameOf.set(node, addConstant(node.name ?? 'constant', node.values, node.shape));
    } else if (node.kind === 'kernel') {
      const { op, inputs, attr } = KERNEL_RULES[node.kernel]!.op(node);
      const input = inputs.map((value) =>
        'node' in value ? reference(nameOf.get(value.node)!, value.output) : addInput(value),
      );
      const name = names.unique(op.replace(/^_/, ''));
      nodes.push({ name, op, input, attr });
      nameOf.set(node, name);
    }
  }
  for (const [name, { node, output, dtype }] of Object.entries(graph.outputs)) {
    const input = [reference(nameOf.get(node)!, output)];
    nodes.push({ name, op: 'Identity', input, attr: { T: { type: typeName(dtype) } } });
  }
  const inputs = graph.inputs.map((value) => [nameOf.get(value.node)!, value] as const);
  const signature = { inputs: tensorDefs(inputs), outputs: tensorDefs(Object.entries(graph.outputs)) };
  return { nodes, weights, signature };
}

function tensorDefs(values: readonly (readonly [string, ValueType])[]): Record<string, TensorDef> {
  return Object.fromEntries(
    values.map(([name, { shape, dtype }]) => [
      name,
      { name: `${name}:0`, dtype: typeName(dtype), tensorShape: openShape(shape) },
    ]),
  );
}

function reference(name: string, output: number): string {
  return output === 0 ? name : `${name}:${output}`;
}

/** With an open batch. */
function openShape(shape: readonly number[]): ShapeDef {
  return { dim: shape.map((side, i) => ({ size: i === 0 ? '-1' : String(side) })) };
}
