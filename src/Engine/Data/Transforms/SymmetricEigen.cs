namespace Lockstep.Engine.Data.Transforms;

/// <summary>
/// Eigenvalues and eigenvectors of a real symmetric matrix in float64: Householder's reduction to tridiagonal form, then QL steps with implicit shifts.
/// One fixed order of additions, multiplications, divisions and square roots, which are exactly rounded, so every machine gets the same bits.
/// </summary>
/// <remarks>
/// Bowdler, Martin, Reinsch, Wilkinson: The QR and QL algorithms for symmetric matrices, Numerische Mathematik 11, 1968 (tred2, tql2). Jacobi's rotations, which
/// would be shorter, take several times the operations.
/// </remarks>
internal static class SymmetricEigen
{
    private const double Epsilon = 1.0 / (1L << 52);

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">Symmetric [n, n]; overwritten.</param>
    /// <returns>
    /// The eigenvalues, the largest first, and for each its eigenvector of length 1, whose element of the largest magnitude (the first of equal ones) is positive.
    /// </returns>
    public static (double[] Values, double[][] Vectors) Decompose(double[][] matrix)
    {
        int n = matrix.Length;
        double[] diagonal = new double[n], below = new double[n];
        Tridiagonalize(matrix, diagonal, below);
        Diagonalize(matrix, diagonal, below);
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => diagonal[i])];
        foreach (double[] vector in matrix)
            FixSign(vector);
        return ([.. order.Select(i => diagonal[i])], [.. order.Select(i => matrix[i])]);
    }

    /// <summary>
    /// v becomes Q with the matrix = Q·T·Qᵀ, T tridiagonal. Row j of v holds column j of the method's matrix, so that the inner loops run along rows.
    /// </summary>
    private static void Tridiagonalize(double[][] v, double[] d, double[] e)
    {
        int n = v.Length;
        for (int j = 0; j < n; j++)
            d[j] = v[j][n - 1];
        for (int i = n - 1; i > 0; i--)
        {
            double scale = 0, h = 0;
            for (int k = 0; k < i; k++)
                scale += Math.Abs(d[k]);
            if (scale == 0)
            {
                e[i] = d[i - 1];
                for (int j = 0; j < i; j++)
                {
                    d[j] = v[j][i - 1];
                    v[j][i] = 0;
                    v[i][j] = 0;
                }
            }
            else
            {
                h = Reflect(v, d, e, i, scale);
            }
            d[i] = h;
        }
        Accumulate(v, d);
        e[0] = 0;
    }

    /// <summary>Clears row i but for its last two elements; returns half the squared length of the reflection's vector.</summary>
    private static double Reflect(double[][] v, double[] d, double[] e, int i, double scale)
    {
        double h = 0;
        for (int k = 0; k < i; k++)
        {
            d[k] /= scale;
            h += d[k] * d[k];
        }
        double f = d[i - 1], g = f > 0 ? -Math.Sqrt(h) : Math.Sqrt(h);
        e[i] = scale * g;
        h -= f * g;
        d[i - 1] = f - g;
        Array.Clear(e, 0, i);
        for (int j = 0; j < i; j++)
        {
            double[] column = v[j];
            f = d[j];
            v[i][j] = f;
            g = e[j] + column[j] * f;
            for (int k = j + 1; k < i; k++)
            {
                g += column[k] * d[k];
                e[k] += column[k] * f;
            }
            e[j] = g;
        }
        f = 0;
        for (int j = 0; j < i; j++)
        {
            e[j] /= h;
            f += e[j] * d[j];
        }
        double half = f / (h + h);
        for (int j = 0; j < i; j++)
            e[j] -= half * d[j];
        for (int j = 0; j < i; j++)
        {
            double[] column = v[j];
            f = d[j];
            g = e[j];
            for (int k = j; k < i; k++)
                column[k] -= f * e[k] + g * d[k];
            d[j] = column[i - 1];
            column[i] = 0;
        }
        return h;
    }

    private static void Accumulate(double[][] v, double[] d)
    {
        int n = v.Length;
        for (int i = 0; i < n - 1; i++)
        {
            v[i][n - 1] = v[i][i];
            v[i][i] = 1;
            double h = d[i + 1];
            double[] next = v[i + 1];
            if (h != 0)
            {
                for (int k = 0; k <= i; k++)
                    d[k] = next[k] / h;
                for (int j = 0; j <= i; j++)
                {
                    double[] column = v[j];
                    double g = 0;
                    for (int k = 0; k <= i; k++)
                        g += next[k] * column[k];
                    for (int k = 0; k <= i; k++)
                        column[k] -= g * d[k];
                }
            }
            Array.Clear(next, 0, i + 1);
        }
        for (int j = 0; j < n; j++)
        {
            d[j] = v[j][n - 1];
            v[j][n - 1] = 0;
        }
        v[n - 1][n - 1] = 1;
    }

    /// <summary>d becomes the eigenvalues of the tridiagonal matrix, and row i of v the eigenvector of d[i].</summary>
    private static void Diagonalize(double[][] v, double[] d, double[] e)
    {
        int n = d.Length;
        Array.Copy(e, 1, e, 0, n - 1);
        e[n - 1] = 0;
        double shift = 0, largest = 0;
        for (int l = 0; l < n; l++)
        {
            largest = Math.Max(largest, Math.Abs(d[l]) + Math.Abs(e[l]));
            int m = l;
            while (m < n - 1 && Math.Abs(e[m]) > Epsilon * largest)
                m++;
            if (m > l)
            {
                do
                    shift += Step(v, d, e, l, m);
                while (Math.Abs(e[l]) > Epsilon * largest);
            }
            d[l] += shift;
            e[l] = 0;
        }
    }

    /// <summary>One QL step on rows l to m; returns by how much the diagonal was shifted.</summary>
    private static double Step(double[][] v, double[] d, double[] e, int l, int m)
    {
        double g = d[l], p = (d[l + 1] - g) / (2 * e[l]), r = Hypotenuse(p, 1);
        if (p < 0)
            r = -r;
        d[l] = e[l] / (p + r);
        d[l + 1] = e[l] * (p + r);
        double first = d[l + 1], second = e[l + 1], h = g - d[l];
        for (int i = l + 2; i < d.Length; i++)
            d[i] -= h;
        double shift = h;

        p = d[m];
        double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
        for (int i = m - 1; i >= l; i--)
        {
            (c3, c2, s2) = (c2, c, s);
            g = c * e[i];
            h = c * p;
            r = Hypotenuse(p, e[i]);
            e[i + 1] = s * r;
            s = e[i] / r;
            c = p / r;
            p = c * d[i] - s * g;
            d[i + 1] = h + s * (c * g + s * d[i]);
            Rotate(v[i], v[i + 1], c, s);
        }
        p = -s * s2 * c3 * second * e[l] / first;
        e[l] = s * p;
        d[l] = c * p;
        return shift;
    }

    private static void Rotate(double[] low, double[] high, double c, double s)
    {
        for (int k = 0; k < low.Length; k++)
        {
            double old = high[k];
            high[k] = s * low[k] + c * old;
            low[k] = c * low[k] - s * old;
        }
    }

    /// <summary>√(a² + b²), whose squares neither overflow nor vanish.</summary>
    private static double Hypotenuse(double a, double b)
    {
        double larger = Math.Max(Math.Abs(a), Math.Abs(b)), smaller = Math.Min(Math.Abs(a), Math.Abs(b));
        if (larger == 0)
            return 0;
        double ratio = smaller / larger;
        return larger * Math.Sqrt(1 + ratio * ratio);
    }

    private static void FixSign(double[] vector)
    {
        int largest = 0;
        for (int i = 1; i < vector.Length; i++)
        {
            if (Math.Abs(vector[i]) > Math.Abs(vector[largest]))
                largest = i;
        }
        if (vector[largest] < 0)
        {
            for (int i = 0; i < vector.Length; i++)
                vector[i] = -vector[i];
        }
    }
}
