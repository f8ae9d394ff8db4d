#!/usr/bin/env python3
"""
Time gloo's all-reduce of float32 sums between processes of one thread, and a plain SGD update after it. Prints one line of JSON with the
milliseconds of every call on the first rank, which waits for the others before and in each.

usage: allreduce_peer.py [--world N] [--mib N] [--warm-up N] [--calls N]
"""
import argparse
import json
import os
import sys
import tempfile
import time


def work(rank, args, rendezvous):
    import torch
    import torch.distributed as dist
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=args.world)
    gradient = torch.empty(args.mib << 18)
    parameters = torch.zeros(args.mib << 18)
    sums, updates = [], []
    for _ in range(args.warm_up + args.calls):
        gradient.fill_(1)
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(gradient)
        summed = time.perf_counter()
        parameters.add_(gradient, alpha=-0.1 / args.world)
        updated = time.perf_counter()
        if gradient[0] != args.world or gradient[-1] != args.world:
            raise RuntimeError("the sum is wrong")
        sums.append((summed - start) * 1000)
        updates.append((updated - start) * 1000)
    if rank == 0:
        print(json.dumps({"mib": args.mib, "sum": sums[args.warm_up:], "sumAndUpdate": updates[args.warm_up:]}), flush=True)
    dist.barrier()
    sys.stdout.flush()
    os._exit(0)  # Some versions of gloo's group now and then hang on an orderly end.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=int, default=2)
    parser.add_argument("--mib", type=int, default=8, help="size of what is summed")
    parser.add_argument("--warm-up", type=int, default=2, help="calls that are not reported")
    parser.add_argument("--calls", type=int, default=20)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        import torch.multiprocessing
        torch.multiprocessing.spawn(work, (args, os.path.join(folder, "rendezvous")), args.world)


if __name__ == "__main__":
    main()
