/** Requests whose prompts are remembered; older ones are let go, and answered for from their ids. */
const VIDEOS_MAX = 1_000;

/** What is known of a video besides its id. */
export interface RememberedVideo {
  readonly id: string;
  readonly model: string;
  readonly prompt: string;
}

/** What a running sandbox remembers of videos: for lists, and to leave out what was deleted. */
export class VideoMemory {
  private readonly videos = new Map<string, RememberedVideo>();
  private readonly deleted = new Set<string>();

  /** @param workMs how long a video takes unless its request says otherwise. */
  constructor(readonly workMs: number) {}

  add(video: RememberedVideo): void {
    this.videos.set(video.id, video);
    if (this.videos.size > VIDEOS_MAX) dropFirst(this.videos);
  }

  get(id: string): RememberedVideo | undefined {
    return this.videos.get(id);
  }

  isDeleted(id: string): boolean {
    return this.deleted.has(id);
  }

  delete(id: string): void {
    this.videos.delete(id);
    this.deleted.add(id);
    if (this.deleted.size > VIDEOS_MAX) dropFirst(this.deleted);
  }

  /** The latest last. */
  list(): readonly RememberedVideo[] {
    return [...this.videos.values()];
  }
}

function dropFirst(items: Map<string, unknown> | Set<string>): void {
  const [first] = items.keys();
  if (first !== undefined) items.delete(first);
}
