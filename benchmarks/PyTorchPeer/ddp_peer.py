#!/usr/bin/env python3
"""
Train one workload with PyTorch on Lockstep's weights and minibatches, in one process or data-parallel over gloo: DistributedDataParallel with one thread in
each rank, each rank taking its share of every minibatch. Prints one line of JSON: losses over the whole minibatch, milliseconds of every measured step.

usage: ddp_peer.py WORKLOAD FILE TURN [--world N]     TURN as Lockstep.Benchmarks/Measuring/Turn.cs has it, such as '{"steps": 10}'
"""
import argparse
import json
import math
import os
import resource
import sys
import tempfile
import time

KEPT_LOSSES = 20


class Trainer:
    """A network in training: zero the gradients, forward, loss, backward (with DistributedDataParallel's all-reduce in it), clip, SGD."""

    def __init__(self, network, model, rate, clip, batches, loss):
        import torch
        import workloads
        self.network, self.model, self.clip, self.batches, self.loss = network, model, clip, batches, loss
        self.optimizer = torch.optim.SGD(network.parameters(), rate)
        self.silent = workloads.second_biases(network)
        self.clip_gradients = torch.nn.utils.clip_grad_norm_
        self.reset()

    def reset(self):
        self.step_number, self.state = 0, None

    def step(self):
        inputs, targets = self.batches[self.step_number % len(self.batches)]
        self.step_number += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss, self.state = self.loss(self.model, self.state, inputs, targets)
        loss.backward()
        for parameter, count in self.silent:
            parameter.grad[:count].zero_()
        if self.clip:
            self.clip_gradients(self.network.parameters(), self.clip)
        self.optimizer.step()
        return loss.item()


def work(rank, args, rendezvous):
    import torch
    import torch.distributed as dist
    import shared_work
    import workloads
    turn = {"threads": 1, "checkSteps": 0, "warmUpSteps": 2, "warmUpSeconds": 1.5, "steps": 5, "seconds": 1.5, **json.loads(args.turn)}
    world = args.world
    torch.set_num_threads(turn["threads"])
    if world > 1:
        dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=world)
    make, rate, clip = workloads.WORKLOADS[args.workload]
    weights, inputs, targets = shared_work.split(shared_work.read(args.file))
    network = make()
    shared_work.load(network, weights)
    model = torch.nn.parallel.DistributedDataParallel(network, gradient_as_bucket_view=True) if world > 1 else network
    batches = workloads.minibatches(inputs, targets, rank, world)
    trainer = Trainer(network, model, rate, clip, batches, workloads.text_loss if targets.dim() == 3 else workloads.image_loss)

    losses = []
    if turn["checkSteps"]:
        # Evaluation mode drops nothing out; the gradient and the update are those of training.
        model.eval()
        losses = [trainer.step() for _ in range(turn["checkSteps"])]
        shared_work.load(network, weights)
        trainer.reset()
        model.train()

    def step():
        loss = trainer.step()
        if not turn["checkSteps"] and len(losses) < KEPT_LOSSES:
            losses.append(loss)

    def agreed(value):
        """The first rank's value, on every rank: all must do as many steps."""
        box = torch.tensor([float(value)])
        if world > 1:
            dist.broadcast(box, 0)
        return box.item()

    start, warm = time.perf_counter(), 0
    while warm < turn["warmUpSteps"] or agreed(time.perf_counter() - start) < turn["warmUpSeconds"]:
        step()
        warm += 1
    each = agreed((time.perf_counter() - start) / max(1, warm))
    milliseconds = []
    if world > 1:
        dist.barrier()
    before = time.perf_counter()
    for _ in range(max(turn["steps"], math.ceil(turn["seconds"] / each))):
        step()
        now = time.perf_counter()
        milliseconds.append((now - before) * 1000)
        before = now

    totals = torch.tensor(losses + [world * 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss], dtype=torch.float64)
    if world > 1:
        dist.all_reduce(totals)
    totals = (totals / world).tolist()
    if rank == 0:
        name = f"PyTorch {torch.__version__}" + (f", DistributedDataParallel over gloo, {world} ranks" if world > 1 else "")
        print(json.dumps({"party": name, "threads": world * turn["threads"], "losses": totals[:-1], "milliseconds": milliseconds, "peakBytes": int(totals[-1])}), flush=True)
    if world > 1:
        dist.barrier()
        sys.stdout.flush()
        os._exit(0)  # Some versions of gloo's group now and then hang on an orderly end.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("file")
    parser.add_argument("turn", nargs="?", default="{}")
    parser.add_argument("--world", type=int, default=1, help="ranks, processes of one thread each")
    args = parser.parse_args()
    threads = str(json.loads(args.turn).get("threads", 1))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads
    # A build with OpenBLAS has threads of its own beside OpenMP's; these must not spin while those work.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    if args.world == 1:
        return work(0, args, None)
    with tempfile.TemporaryDirectory() as folder:
        import torch.multiprocessing
        torch.multiprocessing.spawn(work, (args, os.path.join(folder, "rendezvous")), args.world)


if __name__ == "__main__":
    main()
