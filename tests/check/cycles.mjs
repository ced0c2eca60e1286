/*
 * Cycles among transactions. Nodes are numbers from 0; an edge says that one transaction comes
 * before another in every order that explains the history, and why:
 *
 *   ww        the second wrote the version after one of the first
 *   wr        the second read a version of the first
 *   rw        the second wrote the version after the one that the first read
 *   realtime  the first had returned when the second began
 *
 * A cycle is named as Adya names it ("Weak Consistency", 1999), by the weakest edges it needs:
 * G0 of ww alone, G1c with wr, G-single with one rw, G2 with more; "-realtime" when it needs the
 * order of time, so that it breaks strict serializability alone.
 */
const LEVELS = [
    { name: "G0", kinds: ["ww"] },
    { name: "G1c", kinds: ["ww", "wr"] },
    { name: "G-single", kinds: ["ww", "wr", "rw"], single: true },
    { name: "G2", kinds: ["ww", "wr", "rw"] },
    { name: "G0-realtime", kinds: ["ww", "realtime"] },
    { name: "G1c-realtime", kinds: ["ww", "wr", "realtime"] },
    { name: "G-single-realtime", kinds: ["ww", "wr", "rw", "realtime"], single: true },
    { name: "G2-realtime", kinds: ["ww", "wr", "rw", "realtime"] },
];
const STARTS_MAX = 200; /* nodes of a component from which the shortest cycle is looked for */
const VISITS_MAX = 1_000_000; /* of nodes while doing so: in a large component there are fewer starts */

export class Graph {
    #edges; /* node -> [{ from, to, kind, why }] */

    constructor(count) {
        this.#edges = Array.from({ length: count }, () => []);
    }

    /* `why` in words; an edge of a node to itself says nothing. */
    add(from, to, kind, why) {
        if (from !== to)
            this.#edges[from].push({ from, to, kind, why });
    }

    /* { name, edges } of a cycle of the worst level there is; null when there is none. */
    cycle() {
        for (const level of LEVELS) {
            const kinds = new Set(level.kinds);
            for (const component of this.#components(kinds)) {
                const edges = level.single ? this.#withOneRw(component, kinds) : this.#shortest(component, kinds);
                if (edges)
                    return { name: level.name, edges };
            }
        }
        return null;
    }

    /* The strongly connected components of several nodes, by Tarjan's algorithm without recursion. */
    #components(kinds) {
        const count = this.#edges.length;
        const order = new Int32Array(count).fill(-1);
        const lowest = new Int32Array(count);
        const onStack = new Uint8Array(count);
        const stack = [];
        const components = [];
        let next = 0;
        const enter = (node) => {
            order[node] = lowest[node] = next++;
            stack.push(node);
            onStack[node] = 1;
            return { node, at: 0 };
        };
        for (let root = 0; root < count; root++) {
            if (order[root] >= 0)
                continue;
            const path = [enter(root)];
            while (path.length > 0) {
                const top = path.at(-1);
                const edge = this.#edges[top.node][top.at++];
                if (edge && kinds.has(edge.kind)) {
                    if (order[edge.to] < 0)
                        path.push(enter(edge.to));
                    else if (onStack[edge.to])
                        lowest[top.node] = Math.min(lowest[top.node], order[edge.to]);
                }
                if (edge)
                    continue;
                path.pop();
                if (path.length > 0)
                    lowest[path.at(-1).node] = Math.min(lowest[path.at(-1).node], lowest[top.node]);
                if (lowest[top.node] !== order[top.node])
                    continue;
                const component = stack.splice(stack.lastIndexOf(top.node));
                for (const node of component)
                    onStack[node] = 0;
                if (component.length > 1)
                    components.push(component);
            }
        }
        return components;
    }

    /* A shortest cycle within a component. */
    #shortest(component, kinds) {
        const within = new Set(component);
        let best = null;
        const starts = Math.min(STARTS_MAX, Math.ceil(VISITS_MAX / component.length));
        for (const start of component.slice(0, starts))
            for (const first of this.#edges[start]) {
                if (!kinds.has(first.kind) || !within.has(first.to))
                    continue;
                const rest = this.#path(first.to, start, within, kinds);
                if (rest && (!best || rest.length + 1 < best.length))
                    best = [first, ...rest];
                if (best?.length === 2)
                    return best;
            }
        return best;
    }

    /* A cycle with exactly one edge rw. */
    #withOneRw(component, kinds) {
        const within = new Set(component);
        const others = new Set([...kinds].filter((kind) => kind !== "rw"));
        let best = null;
        for (const node of component)
            for (const edge of this.#edges[node]) {
                if (edge.kind !== "rw" || !within.has(edge.to))
                    continue;
                const rest = this.#path(edge.to, node, within, others);
                if (rest && (!best || rest.length + 1 < best.length))
                    best = [edge, ...rest];
                if (best?.length === 2)
                    return best;
            }
        return best;
    }

    /* The edges of a shortest way; null when there is none. */
    #path(from, to, within, kinds) {
        const arrivedBy = new Map([[from, null]]);
        let edge = [from];
        while (edge.length > 0 && !arrivedBy.has(to)) {
            const further = [];
            for (const node of edge)
                for (const each of this.#edges[node])
                    if (kinds.has(each.kind) && within.has(each.to) && !arrivedBy.has(each.to)) {
                        arrivedBy.set(each.to, each);
                        further.push(each.to);
                    }
            edge = further;
        }
        if (!arrivedBy.has(to))
            return null;
        const edges = [];
        for (let step = arrivedBy.get(to); step; step = arrivedBy.get(step.from))
            edges.push(step);
        return edges.reverse();
    }
}
