import { createStore, del, get, getMany, keys, set, update, type UseStore } from 'idb-keyval';
import * as v from 'valibot';
import type { ModelSource } from './protocol.ts';

let opened: UseStore | undefined;
const store = () => (opened ??= createStore('headroom-files', 'records'));

/** Records of one kind, by URL. What does not parse counts as not there. */
class Records<const S extends v.GenericSchema> {
	readonly #prefix: string;
	readonly #schema: S;

	constructor(kind: string, schema: S) {
		this.#prefix = `${kind} `;
		this.#schema = schema;
	}

	async get(url: string): Promise<v.InferOutput<S> | null> {
		return this.#parse(await get<unknown>(this.#prefix + url, store()));
	}

	set(url: string, record: v.InferOutput<S>): Promise<void> {
		return set(this.#prefix + url, record, store());
	}

	/** Like `set`, from what is there: in one transaction, so that of two changes at once none is lost. */
	update(
		url: string,
		change: (before: v.InferOutput<S> | null) => v.InferOutput<S>
	): Promise<void> {
		return update<unknown>(this.#prefix + url, (raw) => change(this.#parse(raw)), store());
	}

	delete(url: string): Promise<void> {
		return del(this.#prefix + url, store());
	}

	/** Deletes the records of all URLs that start so. */
	async deleteBelow(prefix: string): Promise<void> {
		for (const url of await this.#urls()) if (url.startsWith(prefix)) await this.delete(url);
	}

	async entries(): Promise<[url: string, record: v.InferOutput<S>][]> {
		const urls = await this.#urls();
		const raw = await getMany<unknown>(
			urls.map((url) => this.#prefix + url),
			store()
		);
		return urls.flatMap((url, i) => {
			const record = this.#parse(raw[i]);
			return record === null ? [] : [[url, record] as [string, v.InferOutput<S>]];
		});
	}

	async #urls(): Promise<string[]> {
		const all = await keys<IDBValidKey>(store());
		return all.flatMap((key) =>
			typeof key === 'string' && key.startsWith(this.#prefix)
				? [key.slice(this.#prefix.length)]
				: []
		);
	}

	#parse(raw: unknown): v.InferOutput<S> | null {
		const result = v.safeParse(this.#schema, raw);
		return result.success ? result.output : null;
	}
}

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)));

export const checksumSchema = v.variant('algorithm', [
	v.object({ algorithm: v.literal('sha256'), hex: hex(64) }),
	/** What git calls a blob: SHA-1 over the length and the bytes. */
	v.object({ algorithm: v.literal('git-blob'), hex: hex(40) })
]);

/** Commit that `main` was when the model was first looked at, by the model's URL that ends in `main/`. */
export const pins = new Records('pin', v.object({ version: v.literal(1), commit: hex(40) }));

/** What the hub says of a commit's files, by the model's URL that ends in the commit. */
export const listings = new Records(
	'listing',
	v.object({
		version: v.literal(1),
		files: v.record(v.string(), v.object({ bytes: size, sum: checksumSchema }))
	})
);

/** What a file was when it was downloaded, by its URL. */
export const sums = new Records('sum', v.object({ version: v.literal(1), sum: checksumSchema }));

const importSchema = v.object({
	module: v.string(),
	name: v.string(),
	kind: v.picklist(['function', 'table', 'memory', 'global', 'tag'])
});

/** What lies before the weights of a model, as text, by all that it depends on. */
export const preflights = new Records(
	'preflight',
	v.object({
		/** 1 did not know the imports of a library: it counts as not there, and the cached files are read again. */
		version: v.literal(2),
		config: v.string(),
		manifest: v.string(),
		/** The library's metadata, where it was read. */
		library: v.nullable(
			v.object({
				metadata: v.string(),
				sha256: hex(64),
				imports: v.nullable(v.pipe(v.array(importSchema), v.readonly())),
				bytes: size
			})
		),
		at: v.number()
	})
);

/** The key of `preflights` for a model. */
export const preflightKey = ({ baseUrl, libraryUrl, overrides }: ModelSource): string =>
	`${baseUrl} ${libraryUrl} ${JSON.stringify(overrides)}`;

/** What a library was when it was first loaded here, by its URL. Stays when its files are deleted. */
export const libraries = new Records(
	'library',
	v.object({ version: v.literal(1), sha256: hex(64), at: v.number() })
);

/** Models of which a file was fetched, by base URL. */
export const models = new Records(
	'model',
	v.object({
		version: v.literal(1),
		/** The base URL as the catalogue has it, where a revision was put in place of `main`. */
		askedUrl: v.string(),
		libraryUrl: v.string(),
		packageUrl: v.nullable(v.string()),
		/** Milliseconds since 1970; null: never loaded. */
		lastUsedAt: v.nullable(v.number()),
		/** Milliseconds since 1970; null: its weights never came whole, or came before this was noted. */
		fetchedAt: v.optional(v.nullable(v.number()), null),
		uses: size
	})
);

const layoutEntry = v.object({
	binding: size,
	visibility: size,
	type: v.picklist(['uniform', 'storage', 'read-only-storage'])
});

/** A compute pipeline: all that it depends on, but for the device. `layouts`: of its bind groups, by their number. */
const pipelineSchema = v.object({
	code: v.string(),
	entryPoint: v.string(),
	layouts: v.array(v.array(layoutEntry))
});
export type PipelineSpec = v.InferOutput<typeof pipelineSchema>;

const deviceSchema = v.object({
	powerPreference: v.nullable(v.picklist(['low-power', 'high-performance'])),
	limits: v.record(v.string(), size),
	features: v.array(v.string())
});
/** What the browser is asked for to get a device. */
export type DeviceRequest = v.InferOutput<typeof deviceSchema>;

/** What an engine that loaded a library had compiled, and the device it did so on, by the library's URL. */
export const compiled = new Records(
	'compiled',
	v.object({
		version: v.literal(1),
		pipelines: v.array(pipelineSchema),
		/** Absent: not noted, as by earlier versions. */
		device: v.optional(deviceSchema)
	})
);

const wishSchema = v.object({ version: v.literal(1), paused: v.boolean(), at: v.number() });

/** Downloads that the page has not finished, by variant: what is asked for at one deployment is not another's. */
export const unfinishedDownloads = (path: string) => new Records(`queued ${path}`, wishSchema);

/** As earlier versions kept them, for all deployments below one origin. */
export const formerUnfinished = new Records('download', wishSchema);

/** What the browser said when it was asked to keep the files, by the one name `answer`. */
export const persistence = new Records(
	'persistence',
	v.object({ version: v.literal(1), at: v.number(), kept: v.boolean() })
);
