#!/usr/bin/env python3
"""
Print the GFLOP/s of PyTorch's matrix products, 512 by 512 by 512 with one thread, the best of some calls. Debian's PyTorch uses whatever BLAS the system
has, and without OpenBLAS that is the reference one, eleven times slower where it was tried: nobody should be compared with it.
"""
import os
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch  # after the number of threads, which it reads when it is loaded

SIZE = 512
torch.set_num_threads(1)
left, right = torch.ones(SIZE, SIZE), torch.ones(SIZE, SIZE)
best = float("inf")
for _ in range(8):
    start = time.perf_counter()
    left @ right
    best = min(best, time.perf_counter() - start)
print(2 * SIZE**3 / best / 1e9)
